import type { LabelEdit } from '../label/label-edit.ts';
import type { LabelTable } from '../label/label-table.ts';
import type { ProposalTransition, ReviewTransition } from './review.ts';

/**
 * Everything that one user action changed, undone and redone as one: voxels, review states, what became of the
 * proposal, and the label table.
 */
export interface DocumentEdit {
  /** What the user did, for VS Code's undo menu: "Paint", "Accept Slice". */
  readonly title: string;
  readonly labels: LabelEdit;
  readonly review: readonly ReviewTransition[];
  readonly proposal: readonly ProposalTransition[];
  readonly table?: { readonly before: LabelTable; readonly after: LabelTable };
}
