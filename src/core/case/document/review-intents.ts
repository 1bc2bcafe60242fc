import type { Vec3 } from '../../geometry/vector.ts';
import { NO_LABEL_EDIT } from '../../label/label-edit.ts';
import { componentAt, rangesOf, type VoxelRange } from '../state/proposal-component.ts';
import {
  provenanceOfAcceptance,
  provenanceOfReopening,
  provenanceOfTakeOver,
  type Reviewer,
} from '../state/slice-provenance.ts';
import { acceptanceDoubts, acceptanceFigures, DoubtfulAcceptanceError } from './acceptance-doubts.ts';
import { type CaseDocument, checkProposalLabels } from './case-document.ts';
import type { DocumentEdit } from './document-edit.ts';
import { InvalidIntentError } from './document-intents.ts';
import type { ReviewIntent } from './document-schemas.ts';
import { SlicePlan } from './slice-plan.ts';
import { changedVoxels, takeOverEdit } from './take-over.ts';

/**
 * Plans what a reviewer decides, as the edit that does it. It is null where there is nothing to do.
 *
 * Slices:
 * - accept: a slice that shows as proposed is taken over, and every slice is accepted as it then stands, empty or not.
 *   Where nobody has looked at some, or where several are accepted at once and some were rejected, nothing happens
 *   unless the intent says what is meant (`doubtful`); those that nobody has looked at are marked as such then;
 * - reject: what waits of the slice's proposal is gone, its labels and its review state stay as they are;
 * - unaccept: the slice is `edited` again, not unreviewed, so that no proposal comes back over it.
 *
 * Structures (a component under a voxel, or everything of one label):
 * - accept: the waiting voxels become labels, on whatever slices they lie. These slices are `edited`, for nobody has
 *   said that the rest of them is right; the rest of their proposal goes on waiting.
 * - reject: the component leaves the proposal; its slices wait without it.
 *
 * @throws InvalidIntentError
 * @throws ProposalMismatchError
 * @throws DoubtfulAcceptanceError
 */
export function planReview(document: CaseDocument, intent: ReviewIntent, reviewer: Reviewer): DocumentEdit | null {
  switch (intent.action) {
    case 'accept-slices':
      return planAccept(document, checkedSlices(document, intent), intent.doubtful, reviewer);
    case 'reject-slices':
      return planReject(document, checkedSlices(document, intent));
    case 'unaccept-slices': {
      const plan = new SlicePlan(document);
      for (const slice of checkedSlices(document, intent)) {
        if (document.review[slice] !== 'accepted') continue;
        plan.review(slice, 'edited', provenanceOfReopening(document.provenance[slice]));
      }
      return plan.edit('Reopen Slice', NO_LABEL_EDIT);
    }
    case 'accept-component': {
      const component = waitingComponent(document, intent.voxel);
      return component && planTakeOver(document, component, 'Accept Component');
    }
    case 'reject-component': {
      const component = waitingComponent(document, intent.voxel);
      return component && planRejectComponent(document, component);
    }
    case 'accept-label': {
      if (!document.table[intent.label])
        throw new InvalidIntentError(`There is no label ${intent.label}. Choose another one.`);
      const { proposedLabels } = document;
      return proposedLabels && planTakeOver(document, rangesOf(proposedLabels, intent.label), 'Accept Label');
    }
  }
}

function planAccept(
  document: CaseDocument,
  asked: readonly number[],
  doubtful: 'accept' | 'leave' | undefined,
  reviewer: Reviewer,
): DocumentEdit | null {
  const { proposal, proposedLabels, labels, reviewAxis } = document;
  const open = asked.filter((slice) => document.review[slice] !== 'accepted');
  const { notShown, rejected } = acceptanceDoubts(document, open, asked.length > 1);
  if (doubtful === undefined) {
    const figures = acceptanceFigures(document, open, { notShown, rejected });
    if (figures) throw new DoubtfulAcceptanceError(figures);
  }
  const slices = doubtful === 'leave' ? open.filter((slice) => !notShown.has(slice) && !rejected.has(slice)) : open;
  const plan = new SlicePlan(document);
  const taken = new Set(slices.filter((slice) => document.isProposed(slice)));
  for (const slice of slices) {
    if (taken.has(slice)) plan.moveProposal(slice, 'taken');
    const before = document.provenance[slice];
    const from = taken.has(slice) ? proposal : null;
    plan.review(slice, 'accepted', provenanceOfAcceptance(before, reviewer, from, !notShown.has(slice)));
  }
  const count = doubtful === 'leave' ? slices.length : asked.length;
  const title =
    count === document.sliceCount ? 'Accept All Slices' : count === 1 ? 'Accept Slice' : `Accept ${count} Slices`;
  if (!proposal || !proposedLabels || taken.size === 0) return plan.edit(title, NO_LABEL_EDIT);
  checkProposalLabels(proposal, document.table);
  return plan.edit(title, takeOverEdit(labels, proposedLabels, reviewAxis, taken));
}

function planReject(document: CaseDocument, slices: readonly number[]): DocumentEdit | null {
  const plan = new SlicePlan(document);
  for (const slice of slices) if (document.isProposed(slice)) plan.moveProposal(slice, 'rejected');
  const title =
    slices.length === document.sliceCount
      ? 'Reject Proposal'
      : slices.length === 1
        ? 'Reject Proposed Slice'
        : `Reject ${slices.length} Proposed Slices`;
  return plan.edit(title, NO_LABEL_EDIT);
}

/** @param ranges of the proposal, ascending; voxels of them that do not wait are left alone */
function planTakeOver(document: CaseDocument, ranges: readonly VoxelRange[], title: string): DocumentEdit | null {
  const { proposal, proposedLabels, labels, reviewAxis } = document;
  if (!proposal || !proposedLabels) return null;
  const proposed = new Set(document.review.flatMap((_, slice) => (document.isProposed(slice) ? [slice] : [])));
  const edit = takeOverEdit(labels, proposedLabels, reviewAxis, proposed, ranges);
  if (edit.runs.length === 0) return null;
  checkProposalLabels(proposal, document.table);
  const touched = changedVoxels(edit, labels.shape, reviewAxis);
  const waiting = waitingVoxels(document, new Set(touched.keys()));
  const plan = new SlicePlan(document);
  for (const [slice, voxels] of [...touched].sort(([a], [b]) => a - b)) {
    plan.moveProposal(slice, waiting.get(slice) === voxels ? 'taken' : 'partial');
    plan.review(slice, 'edited', provenanceOfTakeOver(document.provenance[slice], proposal));
  }
  return plan.edit(title, edit);
}

function planRejectComponent(document: CaseDocument, component: readonly VoxelRange[]): DocumentEdit | null {
  const { proposedLabels, labels, reviewAxis } = document;
  const plan = new SlicePlan(document);
  plan.rejectComponent(component[0].start);
  // A slice of which parts were taken over waits no more when this was all the rest.
  const partial = new Set(
    document.review.flatMap((state, slice) => (state === 'edited' && document.isProposed(slice) ? [slice] : [])),
  );
  if (proposedLabels && partial.size > 0) {
    const gone = changedVoxels(
      takeOverEdit(labels, proposedLabels, reviewAxis, partial, component),
      labels.shape,
      reviewAxis,
    );
    const waiting = waitingVoxels(document, new Set(gone.keys()));
    for (const [slice, voxels] of [...gone].sort(([a], [b]) => a - b)) {
      if (waiting.get(slice) === voxels) plan.moveProposal(slice, 'rejected');
    }
  }
  return plan.edit('Reject Component', NO_LABEL_EDIT);
}

/**
 * Finds the component of the proposal at a voxel that waits. It is null where none does.
 * @throws InvalidIntentError
 */
function waitingComponent(document: CaseDocument, voxel: Vec3): readonly VoxelRange[] | null {
  const { proposal, proposedLabels, labels, reviewAxis } = document;
  const [nx, ny] = labels.shape;
  if (voxel.some((index, axis) => index >= labels.shape[axis])) {
    throw new InvalidIntentError(`There is no voxel ${voxel.join(', ')}. Choose one of this volume.`);
  }
  const offset = voxel[0] + nx * (voxel[1] + ny * voxel[2]);
  if (!proposal || !proposedLabels || !document.isProposed(voxel[reviewAxis])) return null;
  if (proposedLabels.get(offset) === 0 || labels.get(offset) !== 0) return null;
  return componentAt(proposal.labels, offset);
}

/** Counts by slice how many voxels of the proposal wait on it. */
function waitingVoxels(document: CaseDocument, slices: ReadonlySet<number>): ReadonlyMap<number, number> {
  const { proposedLabels, labels, reviewAxis } = document;
  if (!proposedLabels || slices.size === 0) return new Map();
  return changedVoxels(takeOverEdit(labels, proposedLabels, reviewAxis, slices), labels.shape, reviewAxis);
}

function checkedSlices(document: CaseDocument, { from, to }: { from: number; to: number }): readonly number[] {
  const isSlice = (slice: number) => Number.isInteger(slice) && slice >= 0 && slice < document.sliceCount;
  if (!isSlice(from) || !isSlice(to) || from > to) {
    throw new InvalidIntentError(`There are no slices ${from} to ${to} to review. Choose slices of this volume.`);
  }
  return Array.from({ length: to - from + 1 }, (_, n) => from + n);
}
