import { invertLabelEdit, type LabelEdit } from '../../label/label-edit.ts';
import type { LabelTable } from '../../label/table/label-table.ts';
import type {
  ComponentTransition,
  ProposalTransition,
  ProvenanceTransition,
  ReviewTransition,
} from '../state/review.ts';

/**
 * Everything that one user action changed, undone and redone as one: voxels, review states and where they come from,
 * what became of the proposal, and the label table. Each list names a slice at most once.
 */
export interface DocumentEdit {
  /** What the user did, for VS Code's undo menu: "Paint", "Accept Slice". */
  readonly title: string;
  readonly labels: LabelEdit;
  readonly review: readonly ReviewTransition[];
  readonly provenance: readonly ProvenanceTransition[];
  readonly proposal: readonly ProposalTransition[];
  /**
   * Structures of the proposal that were rejected one by one; the list names each at most once. Without it there are
   * none.
   */
  readonly components?: readonly ComponentTransition[];
  readonly table?: { readonly before: LabelTable; readonly after: LabelTable };
}

/** Returns the edit that undoes `edit`. */
export function invertDocumentEdit(edit: DocumentEdit): DocumentEdit {
  const swap = <T extends { readonly before: unknown; readonly after: unknown }>(transition: T): T => ({
    ...transition,
    before: transition.after,
    after: transition.before,
  });
  return {
    title: edit.title,
    labels: invertLabelEdit(edit.labels),
    review: edit.review.map(swap),
    provenance: edit.provenance.map(swap),
    proposal: edit.proposal.map(swap),
    ...(edit.components && { components: edit.components.map(swap) }),
    ...(edit.table && { table: swap(edit.table) }),
  };
}
