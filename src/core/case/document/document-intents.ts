import { VoxelLoopError } from '../../errors.ts';
import { strokeEdit } from '../../label/brush.ts';
import { composeLabelEdits } from '../../label/compose-label-edits.ts';
import { type LabelEdit, NO_LABEL_EDIT } from '../../label/label-edit.ts';
import { addLabel, changeLabel, type LabelEntry } from '../../label/label-table.ts';
import type { BrushStroke } from '../../label/stroke.ts';
import { provenanceOfDrawing } from '../state/slice-provenance.ts';
import { type CaseDocument, checkProposalLabels } from './case-document.ts';
import type { DocumentEdit } from './document-edit.ts';
import { SlicePlan } from './slice-plan.ts';
import { coveredSlices } from './stroke-slices.ts';
import { changedVoxels, takeOverEdit } from './take-over.ts';

/*
 * These functions turn what a user wants into the edit that would do it. They look at a document and change nothing;
 * null means that there is nothing to do (and nothing to undo).
 */

/** An intent names a slice or a label that this document has not: there is a defect, or the message is hostile. */
export class InvalidIntentError extends VoxelLoopError {
  readonly code = 'invalid-intent';
}

/**
 * Plans drawing or erasing. Review slices that the stroke covers and that show as proposed are taken over first (the
 * slice's proposal becomes labels, see `takeOverEdit`), then the stroke is drawn on top, all as one edit; so erasing
 * removes proposed voxels, and a proposal is taken over even where the stroke then changes nothing.
 *
 * Slices that were taken over or changed become `edited`, an accepted slice too. A correction may be half done when the
 * next training starts, and a slice that trains must have been looked at as it stands; accepting it again is one key,
 * and undo brings the acceptance back. A stroke that only covers a slice without changing it leaves its acceptance.
 *
 * @throws InvalidStrokeError
 * @throws InvalidIntentError
 * @throws ProposalMismatchError
 */
export function planStroke(document: CaseDocument, stroke: BrushStroke): DocumentEdit | null {
  for (const label of [stroke.label, stroke.onlyOver ?? 0]) {
    if (!document.table[label]) throw new InvalidIntentError(`There is no label ${label}. Choose another one.`);
  }
  const plane = document.planes[stroke.plane];
  const { reviewAxis, labels, proposal, proposedLabels } = document;
  const takenSlices = new Set<number>();
  for (const slice of coveredSlices(labels.shape, plane, reviewAxis, stroke)) {
    if (document.isProposed(slice)) takenSlices.add(slice);
  }
  let edit: LabelEdit;
  let drawn: LabelEdit;
  if (proposal && proposedLabels && takenSlices.size > 0) {
    checkProposalLabels(proposal, document.table);
    const taken = takeOverEdit(labels, proposedLabels, reviewAxis, takenSlices);
    const base = labels.clone();
    base.applyEdit(taken);
    drawn = strokeEdit(base, plane, stroke);
    edit = composeLabelEdits(taken, drawn);
  } else {
    drawn = strokeEdit(labels, plane, stroke);
    edit = drawn;
  }
  const drawnOn = changedVoxels(drawn, labels.shape, reviewAxis);
  const touched = new Set([...takenSlices, ...drawnOn.keys()]);
  if (touched.size === 0) return null;
  const plan = new SlicePlan(document);
  for (const slice of [...touched].sort((a, b) => a - b)) {
    const taken = takenSlices.has(slice) ? proposal : null;
    if (taken) plan.moveProposal(slice, 'taken');
    plan.review(slice, 'edited', provenanceOfDrawing(document.provenance[slice], drawnOn.get(slice) ?? 0, taken));
  }
  return plan.edit(stroke.label === 0 ? 'Erase' : 'Paint', edit);
}

/**
 * Plans a new label at the end of the table, with the next free file value and colour (see `addLabel`).
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

/**
 * Plans another name, colour or file value for a label; voxels keep their dense index.
 * @throws LabelTableError
 */
export function planLabelChange(document: CaseDocument, label: number, entry: LabelEntry): DocumentEdit | null {
  const after = changeLabel(document.table, label, entry);
  return after === document.table ? null : tableEdit(document, 'Edit Label', after);
}

function tableEdit(document: CaseDocument, title: string, after: CaseDocument['table']): DocumentEdit {
  return { ...new SlicePlan(document).parts(title, NO_LABEL_EDIT), table: { before: document.table, after } };
}
