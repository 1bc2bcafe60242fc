import type { LabelEntry } from '../../core/label/table/label-table.ts';
import type { HostCommand } from '../../core/protocol/editor-contract.ts';
import type { ViewAction } from '../looking/view-action.ts';

/** A reviewer can decide this about what is in front of them: a slice or the marked range, a structure, the case. */
export type ReviewAction =
  | 'accept-slice'
  | 'reject-slice'
  | 'unaccept-slice'
  | 'accept-all'
  | 'reject-all'
  | 'accept-component'
  | 'reject-component'
  /** Everything that is proposed as the active label is accepted. */
  | 'accept-label';

/** Everything that a key, a button or a palette command can ask of the editor. */
export type EditorAction =
  | ViewAction
  /** Without `slice` (along the review axis), the slice that is shown is meant. */
  | { readonly kind: 'review'; readonly action: ReviewAction; readonly slice?: number }
  /** Starts a range of slices at the one that is shown, or ends it. */
  | { readonly kind: 'mark-range' }
  /** Goes to a slice along the review axis and marks everything up to there. */
  | { readonly kind: 'extend-range'; readonly slice: number }
  | { readonly kind: 'next-to-review' }
  /** Goes to the slice on which the second reviewer differs most. */
  | { readonly kind: 'next-disagreement' }
  /** Decides the slice that is shown, or takes the piece of disagreement under the crosshair. */
  | { readonly kind: 'adjudicate'; readonly take: 'mine' | 'theirs' | 'theirs-here' }
  | { readonly kind: 'hide-second-reviewer' }
  | { readonly kind: 'host-command'; readonly command: HostCommand }
  | { readonly kind: 'add-label'; readonly name: string }
  | { readonly kind: 'edit-label'; readonly label: number; readonly entry: LabelEntry }
  /** Shows the history of the slice along the review axis that is on the screen. */
  | { readonly kind: 'show-slice-history' }
  /** Lets the host ask the question that must be answered before anything can be drawn. */
  | { readonly kind: 'decide' }
  /** Puts the brush or eraser down at the crosshair, which Shift and the arrows move, or lifts it. */
  | { readonly kind: 'toggle-crosshair-pen' }
  /** Leaves whatever is open, innermost first: stroke, help, message, maximized plane. */
  | { readonly kind: 'escape' }
  | { readonly kind: 'toggle-help' };
