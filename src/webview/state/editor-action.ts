import type { LabelEntry } from '../../core/label/label-table.ts';
import type { HostCommand, ReviewAction } from '../../core/protocol/editor-contract.ts';
import type { ViewAction } from './view-action.ts';

/** Everything that a key, a button or a palette command can ask of the editor. */
export type EditorAction =
  | ViewAction
  /** `slice` (along the review axis) absent: the slice that is shown. */
  | { readonly kind: 'review'; readonly action: ReviewAction; readonly slice?: number }
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
  /** Leaves whatever is open, innermost first: stroke, help, message, maximized plane. */
  | { readonly kind: 'escape' }
  | { readonly kind: 'toggle-help' };
