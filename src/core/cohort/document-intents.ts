import { VoxelLoopError } from '../errors.ts';
import { strokeEdit } from '../label/brush.ts';
import { composeLabelEdits } from '../label/compose-label-edits.ts';
import { type LabelEdit, NO_LABEL_EDIT } from '../label/label-edit.ts';
import { addLabel, changeLabel, type LabelEntry } from '../label/label-table.ts';
import type { BrushStroke } from '../label/stroke.ts';
import type { ReviewAction } from '../protocol/editor-contract.ts';
import { type CaseDocument, checkProposalLabels } from './case-document.ts';
import type { DocumentEdit } from './document-edit.ts';
import type { ProposalSliceState, ProposalTransition, ProvenanceTransition, ReviewTransition } from './review.ts';
import { forEachSlicePiece } from './slice-pieces.ts';
import {
  provenanceOfAcceptance,
  provenanceOfDrawing,
  provenanceOfReopening,
  type Reviewer,
} from './slice-provenance.ts';
import { coveredSlices } from './stroke-slices.ts';
import { takeOverEdit } from './take-over.ts';

/*
 * What a user wants, as the edit that would do it. These functions look at a document and change nothing; null means
 * that there is nothing to do (and nothing to undo).
 */

/** An intent names a slice or a label that this document has not. A defect or a hostile message. */
export class InvalidIntentError extends VoxelLoopError {
  readonly code = 'invalid-intent';
}

/**
 * Drawing or erasing. Review slices that the stroke covers and that show as proposed are taken over first (the slice's
 * proposal becomes labels, see `takeOverEdit`), then the stroke is drawn on top, all as one edit; so erasing removes
 * proposed voxels, and a proposal is taken over even where the stroke then changes nothing.
 *
 * Slices that were taken over or changed become `edited`, an accepted slice too. A correction may be half done when the
 * next training starts, and a slice that trains must have been looked at as it stands; accepting it again is one key,
 * and undo brings the acceptance back. A stroke that only covers a slice without changing it leaves its acceptance.
 *
 * @throws InvalidStrokeError, InvalidIntentError, ProposalMismatchError
 */
export function planStroke(document: CaseDocument, stroke: BrushStroke): DocumentEdit | null {
  for (const label of [stroke.label, stroke.onlyOver ?? 0]) {
    if (!document.table[label]) throw new InvalidIntentError(`There is no label ${label}. Choose another one.`);
  }
  const plane = document.planes[stroke.plane];
  const { reviewAxis, labels, proposal } = document;
  const takenSlices = new Set<number>();
  for (const slice of coveredSlices(labels.shape, plane, reviewAxis, stroke)) {
    if (document.isProposed(slice)) takenSlices.add(slice);
  }
  let edit: LabelEdit;
  let drawn: LabelEdit;
  if (proposal && takenSlices.size > 0) {
    checkProposalLabels(proposal, document.table);
    const taken = takeOverEdit(labels, proposal.labels, reviewAxis, takenSlices);
    const base = labels.clone();
    base.applyEdit(taken);
    drawn = strokeEdit(base, plane, stroke);
    edit = composeLabelEdits(taken, drawn);
  } else {
    drawn = strokeEdit(labels, plane, stroke);
    edit = drawn;
  }
  const changedVoxels = new Map<number, number>();
  for (const slice of takenSlices) changedVoxels.set(slice, 0);
  for (const run of drawn.runs) {
    forEachSlicePiece(labels.shape, reviewAxis, run.start, run.length, (slice, _start, length) => {
      changedVoxels.set(slice, (changedVoxels.get(slice) ?? 0) + length);
    });
  }
  if (changedVoxels.size === 0) return null;
  const plan = new SlicePlan(document);
  for (const [slice, voxels] of [...changedVoxels].sort(([a], [b]) => a - b)) {
    const taken = takenSlices.has(slice) ? proposal : null;
    if (taken) plan.moveProposal(slice, 'taken');
    plan.review(slice, 'edited', provenanceOfDrawing(document.provenance[slice], voxels, taken));
  }
  return plan.edit(stroke.label === 0 ? 'Erase' : 'Paint', edit);
}

/**
 * Accepting, rejecting, and taking an acceptance back (see `reviewAction` of the editor contract).
 * - accept: a slice that shows as proposed is taken over, and every slice is accepted as it then stands, empty or not;
 * - reject: the slice's proposal is gone, its labels stay as they are and it stays unreviewed;
 * - unaccept: the slice is `edited` again, not unreviewed, so that no proposal comes back over it.
 *
 * @param slice along the review axis; needed by the actions on one slice
 * @throws InvalidIntentError, ProposalMismatchError
 */
export function planReview(
  document: CaseDocument,
  action: ReviewAction,
  slice: number | undefined,
  reviewer: Reviewer,
): DocumentEdit | null {
  const slices = action.endsWith('-all') ? document.review.map((_, index) => index) : [checkedSlice(document, slice)];
  switch (action) {
    case 'accept-slice':
    case 'accept-all':
      return planAccept(document, slices, reviewer, action === 'accept-all' ? 'Accept All Slices' : 'Accept Slice');
    case 'reject-slice':
    case 'reject-all': {
      const plan = new SlicePlan(document);
      for (const index of slices) if (document.isProposed(index)) plan.moveProposal(index, 'rejected');
      return plan.edit(action === 'reject-all' ? 'Reject Proposal' : 'Reject Proposed Slice', NO_LABEL_EDIT);
    }
    case 'unaccept-slice': {
      const plan = new SlicePlan(document);
      for (const index of slices) {
        if (document.review[index] !== 'accepted') continue;
        plan.review(index, 'edited', provenanceOfReopening(document.provenance[index]));
      }
      return plan.edit('Reopen Slice', NO_LABEL_EDIT);
    }
  }
}

/**
 * A new label at the end of the table, with the next free file value and colour (see `addLabel`).
 * @param others labels of the cohort that this case may not know
 * @throws LabelTableError
 */
export function planNewLabel(
  document: CaseDocument,
  name: string,
  others: readonly LabelEntry[] = [],
): { edit: DocumentEdit; label: number } {
  const after = addLabel(document.table, name, others);
  return { edit: tableEdit(document, 'Add Label', after), label: after.length - 1 };
}

/** Another name, colour or file value for a label; voxels keep their dense index. @throws LabelTableError */
export function planLabelChange(document: CaseDocument, label: number, entry: LabelEntry): DocumentEdit | null {
  const after = changeLabel(document.table, label, entry);
  return after === document.table ? null : tableEdit(document, 'Edit Label', after);
}

function planAccept(
  document: CaseDocument,
  slices: readonly number[],
  reviewer: Reviewer,
  title: string,
): DocumentEdit | null {
  const { proposal, labels, reviewAxis } = document;
  const plan = new SlicePlan(document);
  const taken = new Set(slices.filter((slice) => document.isProposed(slice)));
  for (const slice of slices) {
    if (document.review[slice] === 'accepted') continue;
    if (taken.has(slice)) plan.moveProposal(slice, 'taken');
    const before = document.provenance[slice];
    plan.review(slice, 'accepted', provenanceOfAcceptance(before, reviewer, taken.has(slice) ? proposal : null));
  }
  if (!proposal || taken.size === 0) return plan.edit(title, NO_LABEL_EDIT);
  checkProposalLabels(proposal, document.table);
  return plan.edit(title, takeOverEdit(labels, proposal.labels, reviewAxis, taken));
}

function checkedSlice(document: CaseDocument, slice: number | undefined): number {
  if (slice === undefined || !Number.isInteger(slice) || slice < 0 || slice >= document.sliceCount) {
    throw new InvalidIntentError(`There is no slice ${slice} to review. Choose a slice of this volume.`);
  }
  return slice;
}

function tableEdit(document: CaseDocument, title: string, after: CaseDocument['table']): DocumentEdit {
  return { ...new SlicePlan(document).parts(title, NO_LABEL_EDIT), table: { before: document.table, after } };
}

/** Collects what happens to slices, with the states they have now as `before`. */
export class SlicePlan {
  readonly #review: ReviewTransition[] = [];
  readonly #provenance: ProvenanceTransition[] = [];
  readonly #proposal: ProposalTransition[] = [];

  constructor(private readonly document: CaseDocument) {}

  review(slice: number, after: ReviewTransition['after'], provenance: ProvenanceTransition['after']): void {
    const before = this.document.review[slice];
    if (before !== after) this.#review.push({ slice, before, after });
    this.#provenance.push({ slice, before: this.document.provenance[slice], after: provenance });
  }

  /** Only for slices that show as proposed. */
  moveProposal(slice: number, after: ProposalSliceState): void {
    const { proposal } = this.document;
    if (proposal) this.#proposal.push({ proposalId: proposal.id, slice, before: 'pending', after });
  }

  parts(title: string, labels: LabelEdit): DocumentEdit {
    return { title, labels, review: this.#review, provenance: this.#provenance, proposal: this.#proposal };
  }

  /** Null if nothing at all would change. */
  edit(title: string, labels: LabelEdit): DocumentEdit | null {
    const isEmpty = labels.runs.length + this.#review.length + this.#provenance.length + this.#proposal.length === 0;
    return isEmpty ? null : this.parts(title, labels);
  }
}
