import type { LabelEntry } from '../../core/label/label-table.ts';
import type { HostCommand } from '../../core/protocol/editor-contract.ts';
import type { ViewAction } from '../looking/view-action.ts';

/** What a reviewer can decide about what is in front of them: a slice or the marked range, a structure, the case. */
export type ReviewAction =
  | 'accept-slice'
  | 'reject-slice'
  | 'unaccept-slice'
  | 'accept-all'
  | 'reject-all'
  | 'accept-component'
  | 'reject-component'
  /** Of the active label. */
  | 'accept-label';

/** Everything that a key, a button or a palette command can ask of the editor. */
export type EditorAction =
  | ViewAction
  /** `slice` (along the review axis) absent: the slice that is shown. */
  | { readonly kind: 'review'; readonly action: ReviewAction; readonly slice?: number }
  /** Starts a range of slices at the one that is shown, or ends it. */
  | { readonly kind: 'mark-range' }
  /** Goes to a slice along the review axis and marks everything up to there. */
  | { readonly kind: 'extend-range'; readonly slice: number }
  | { readonly kind: 'next-to-review' }
  /** Go to the slice on which the second reviewer differs most. */
  | { readonly kind: 'next-disagreement' }
  /** Decide the slice that is shown, or take the piece of disagreement under the crosshair. */
  | { readonly kind: 'adjudicate'; readonly take: 'mine' | 'theirs' | 'theirs-here' }
  | { readonly kind: 'hide-second-reviewer' }
  | { readonly kind: 'host-command'; readonly command: HostCommand }
  | { readonly kind: 'add-label'; readonly name: string }
  | { readonly kind: 'edit-label'; readonly label: number; readonly entry: LabelEntry }
  /** Of the slice along the review axis that is shown. */
  | { readonly kind: 'show-slice-history' }
  /** What nothing can be drawn before is asked by the host. */
  | { readonly kind: 'decide' }
  /** Puts the brush or eraser down at the crosshair, which Shift and the arrows move; or lifts it. */
  | { readonly kind: 'toggle-crosshair-pen' }
  /** Leaves whatever is open, innermost first: stroke, help, message, maximized plane. */
  | { readonly kind: 'escape' }
  | { readonly kind: 'toggle-help' };
