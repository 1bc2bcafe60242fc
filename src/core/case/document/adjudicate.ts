import { VoxelLoopError } from '../../errors.ts';
import { planeVoxel, type SlicePlane, voxelOnPlane } from '../../geometry/slice-plane.ts';
import type { Vec3 } from '../../geometry/vector.ts';
import { type LabelEdit, NO_LABEL_EDIT } from '../../label/label-edit.ts';
import { LabelEditBuilder, RunCollector } from '../../label/label-edit-builder.ts';
import type { ReadonlyLabelMap } from '../../label/label-map.ts';
import { forEachSliceRange } from '../state/slice-pieces.ts';
import { provenanceOfAcceptance, provenanceOfDrawing, type Reviewer } from '../state/slice-provenance.ts';
import { acceptanceDoubts, acceptanceFigures, DoubtfulAcceptanceError } from './acceptance-doubts.ts';
import type { CaseDocument } from './case-document.ts';
import { disagreementPiece, disagreementPixels, voxelOffset } from './disagreement.ts';
import type { DocumentEdit } from './document-edit.ts';
import { InvalidIntentError } from './document-intents.ts';
import { SlicePlan } from './slice-plan.ts';

/** Another person's labels of a case, to compare with and to choose from. They are never changed here. */
export interface SecondOpinion {
  /** The name of the person, as the user reads it. */
  readonly reviewer: string;
  /** The labels lie on the grid of the case, in dense indices of the case's label table. */
  readonly labels: ReadonlyLabelMap;
}

/** The second person's labels use a label that the case has no more, because its creation was undone. */
export class SecondOpinionError extends VoxelLoopError {
  readonly code = 'second-opinion';
}

/**
 * Decides a slice on which two people differ. Each decision is one edit that can be undone; the slice is accepted, and
 * its provenance says who decided, against whom, and for which side.
 *
 * - `mine`: the slice stays as it stands, drawn over by the one who decides or not (then the decision is `edited`);
 * - `theirs`: the slice becomes what the other drew, background included.
 *
 * A proposal that waits on the slice plays no part in it and is rejected there.
 *
 * @param slice along the review axis
 * @throws InvalidIntentError
 * @throws SecondOpinionError
 * @throws DoubtfulAcceptanceError where nobody has looked at the slice
 */
export function planAdjudication(
  document: CaseDocument,
  opinion: SecondOpinion,
  side: 'mine' | 'theirs',
  slice: number,
  reviewer: Reviewer,
): DocumentEdit | null {
  checkSlice(document, slice);
  const labels = side === 'theirs' ? takeSlice(document, opinion, slice) : NO_LABEL_EDIT;
  const doubts = acceptanceFigures(document, [slice], acceptanceDoubts(document, [slice], false));
  if (doubts) throw new DoubtfulAcceptanceError(doubts);
  const plan = new SlicePlan(document);
  if (document.isProposed(slice)) plan.moveProposal(slice, 'rejected');
  const decision = side === 'mine' && document.review[slice] === 'edited' ? 'edited' : side;
  plan.review(slice, 'accepted', {
    ...provenanceOfAcceptance(document.provenance[slice], reviewer, null),
    adjudicatedWith: opinion.reviewer,
    adjudication: decision,
  });
  return plan.edit(side === 'theirs' ? 'Take Theirs' : 'Take Mine', labels);
}

/**
 * Takes one piece of what the other drew: all voxels that differ and hang together with `voxel` on its slice along the
 * review axis. The slice is edited then, and still to be decided. It is null where the two agree at `voxel`.
 * @throws InvalidIntentError
 * @throws SecondOpinionError
 */
export function planTakePiece(document: CaseDocument, opinion: SecondOpinion, voxel: Vec3): DocumentEdit | null {
  const { labels, planes, reviewPlane } = document;
  if (voxel.some((at, axis) => !Number.isInteger(at) || at < 0 || at >= labels.shape[axis])) {
    throw new InvalidIntentError('This voxel is not in the volume. Choose another one.');
  }
  checkLabels(document, opinion);
  const plane = planes[reviewPlane];
  const { slice, column, row } = voxelOnPlane(plane, voxel);
  const pixels = disagreementPixels(labels.extractSlice(plane, slice), opinion.labels.extractSlice(plane, slice));
  const piece = disagreementPiece(pixels, plane, column, row);
  if (piece.length === 0) return null;
  const builder = new LabelEditBuilder(labels);
  for (const pixel of piece) {
    const offset = offsetOfPixel(plane, slice, pixel, labels.shape);
    builder.write(offset, 1, opinion.labels.get(offset));
  }
  const plan = new SlicePlan(document);
  if (document.isProposed(slice)) plan.moveProposal(slice, 'rejected');
  plan.review(slice, 'edited', provenanceOfDrawing(document.provenance[slice], piece.length, null));
  return plan.edit('Take Theirs Here', builder.build());
}

/** Lists the slices that were decided between this document's labels and those of `reviewer`. */
export function adjudicatedSlices(document: CaseDocument, reviewer: string): number[] {
  return [...document.provenance.keys()].filter(
    (slice) => document.provenance[slice].adjudicatedWith === reviewer && document.review[slice] === 'accepted',
  );
}

function takeSlice(document: CaseDocument, opinion: SecondOpinion, slice: number): LabelEdit {
  checkLabels(document, opinion);
  const { labels, reviewAxis } = document;
  const runs = new RunCollector();
  forEachSliceRange(labels.shape, reviewAxis, slice, (from, count) => {
    opinion.labels.forEachRun(from, count, (theirs, start, length) => {
      labels.forEachRun(start, length, (before, at, voxels) => runs.add(at, voxels, before, theirs));
    });
  });
  return runs.finish();
}

function checkSlice(document: CaseDocument, slice: number): void {
  if (!Number.isInteger(slice) || slice < 0 || slice >= document.sliceCount) {
    throw new InvalidIntentError(`There is no slice ${slice} to decide. Choose a slice of this volume.`);
  }
}

function checkLabels(document: CaseDocument, { labels, reviewer }: SecondOpinion): void {
  if (labels.highestLabel < document.table.length) return;
  throw new SecondOpinionError(
    `The labels of ${reviewer} use one that this case does not have any more. Show them again to add it.`,
  );
}

function offsetOfPixel(plane: SlicePlane, slice: number, pixel: number, shape: Vec3): number {
  const column = pixel % plane.columns;
  return voxelOffset(planeVoxel(plane, slice, column, Math.floor(pixel / plane.columns)), shape);
}
