import { VoxelLoopError } from '../../errors.ts';
import { composeLabelEdits } from '../../label/compose-label-edits.ts';
import { NO_LABEL_EDIT } from '../../label/label-edit.ts';
import { addLabel, changeLabel, type LabelEntry } from '../../label/table/label-table.ts';
import { gestureEdit } from '../../tools/gesture-edit.ts';
import { type Gesture, toolOf } from '../../tools/known-tools.ts';
import { forEachSlicePiece } from '../state/slice-pieces.ts';
import { provenanceOfDrawing } from '../state/slice-provenance.ts';
import { type CaseDocument, checkProposalLabels } from './case-document.ts';
import type { DocumentEdit } from './document-edit.ts';
import { LabelsAsShown } from './labels-as-shown.ts';
import { SlicePlan } from './slice-plan.ts';
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
 * Plans drawing or erasing with any tool. Review slices that the gesture covers and that show as proposed are taken
 * over first (the slice's proposal becomes labels, see `takeOverEdit`), then it is drawn on top, all as one edit; so
 * erasing removes proposed voxels, and a proposal is taken over even where the gesture then changes nothing.
 *
 * Slices that were taken over or changed become `edited`, an accepted slice too. A correction may be half done when the
 * next training starts, and a slice that trains must have been looked at as it stands; accepting it again is one key,
 * and undo brings the acceptance back. A gesture that only covers a slice without changing it leaves its acceptance.
 *
 * @throws UnknownToolError
 * @throws InvalidGestureError
 * @throws InvalidIntentError
 * @throws ProposalMismatchError
 */
export function planGesture(document: CaseDocument, gesture: Gesture): DocumentEdit | null {
  const tool = toolOf(gesture.tool);
  for (const label of [gesture.label, 'onlyOver' in gesture ? gesture.onlyOver : 0]) {
    if (!document.table[label]) throw new InvalidIntentError(`There is no label ${label}. Choose another one.`);
  }
  const { reviewAxis, labels, proposal, proposedLabels, planes } = document;
  const shown = new LabelsAsShown(document);
  const takenSlices = new Set<number>();
  const cover = (start: number, length: number) =>
    forEachSlicePiece(labels.shape, reviewAxis, start, length, (slice) => {
      if (shown.waitsOn(slice)) takenSlices.add(slice);
    });
  const drawn = gestureEdit({ planes, labels: shown }, gesture, shown.isProposalShown ? cover : undefined);
  for (const { after } of drawn.runs) {
    if (!document.table[after]) throw new InvalidIntentError(`There is no label ${after}. Choose another one.`);
  }
  let edit = drawn;
  if (proposal && proposedLabels && takenSlices.size > 0) {
    checkProposalLabels(proposal, document.table);
    // The slices that the gesture covers show what they are once the proposal is taken over.
    edit = composeLabelEdits(takeOverEdit(labels, proposedLabels, reviewAxis, takenSlices), drawn);
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
  return plan.edit(tool.editTitle(gesture), edit);
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
