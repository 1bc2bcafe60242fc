import type { SliceReviewState } from '../../case/state/review.ts';
import type { VoxelAxis } from '../../geometry/vector.ts';
import type { CaseFiles } from '../files/case.ts';
import { type CaseRecord, rejectedSlices } from '../records/case-record.ts';

/**
 * Says how many slices of a case are in which review state. `rejected` counts the unreviewed ones on which a proposal
 * was turned down and none waits.
 */
export type ReviewCounts = Readonly<Record<SliceReviewState | 'rejected', number>>;

/** The proposal that a case would show if it were opened now. */
export interface ProposalOverview {
  /** The absolute path of the proposal file. */
  readonly path: string;
  readonly id: string;
  /** It is 0 where the model is no version of a cohort. */
  readonly modelVersion: number;
  readonly modelName: string;
  /** ISO 8601, UTC. */
  readonly created: string;
  /**
   * The slices on which it waits for a person, along the review axis, ascending: they are unreviewed, and it was not
   * rejected there.
   */
  readonly pendingSlices: readonly number[];
  /** The uncertainty by slice along the review axis, 0..1. It has all slices, pending or not. */
  readonly uncertainty: readonly number[];
}

/**
 * How far a case is.
 *
 * - `unreviewed`: nobody has touched it, and no proposal waits.
 * - `proposed`: a proposal waits on `pending` of `slices` slices, whatever was done on the others.
 * - `edited`: somebody has begun, and no proposal waits.
 * - `accepted`: every slice is accepted. `imported` means that its label map came complete, and nobody has reviewed it
 *   here.
 * - `damaged`: its record or label map cannot be used; `sentence` says why and what to do.
 */
export type CaseState =
  | { readonly kind: 'unreviewed' }
  | { readonly kind: 'proposed'; readonly pending: number; readonly slices: number }
  | { readonly kind: 'edited'; readonly accepted: number; readonly slices: number }
  | { readonly kind: 'accepted'; readonly imported: boolean }
  /** Its review record cannot be used. */
  | { readonly kind: 'damaged'; readonly sentence: string }
  /** Its image or its label map is there and cannot be read. */
  | { readonly kind: 'unreadable'; readonly sentence: string };

export type CaseStateKind = CaseState['kind'];

/** What there is to know of a case without opening its volumes. */
export interface CaseOverview {
  /** The paths are absolute. */
  readonly files: CaseFiles;
  /** There is a label map. */
  readonly labelled: boolean;
  /** The cohort's maker calls it a test case: it never trains and never judges. */
  readonly test: boolean;
  /** It judges model versions and is never trained on. */
  readonly holdout: boolean;
  readonly state: CaseState;
  /**
   * It is null where nothing says how many slices the case has (there is no record and no proposal), or the record is
   * damaged.
   */
  readonly review: ReviewCounts | null;
  /** It is null where there is none, and also where the case is held out. */
  readonly proposal: ProposalOverview | null;
  /** The voxel axis that slices are counted along, as the record has it. It is null where there is no record. */
  readonly reviewAxis: VoxelAxis | null;
  /** The label file is another than the one its record speaks of: acceptances must be given again. */
  readonly changedOutside: boolean;
  /**
   * Its label map came complete and does not lie as its image does. It counts only when somebody has looked and saved.
   */
  readonly doubtfulPlace: boolean;
  /**
   * When its record, label map or proposal was last written, in milliseconds since 1970. It is null where none ever
   * was.
   */
  readonly changedMs: number | null;
}

/** What is known of a proposal beside its voxels (`ProposalFacts`), as far as the overview needs it. */
export interface ListedProposal {
  readonly path: string;
  readonly id: string;
  readonly modelVersion: number;
  readonly modelName: string;
  readonly created: string;
  /** A voxel axis. */
  readonly reviewAxis: VoxelAxis;
  readonly uncertainty: readonly number[];
}

/** What the disk says of a case. */
export interface CaseEvidence {
  readonly labelled: boolean;
  /** It is null where the case has no record. */
  readonly record: CaseRecord | null;
  /** The label file is another than the record speaks of. */
  readonly changedOutside: boolean;
  /** There is no record, and the label map does not lie as its image does. */
  readonly doubtfulPlace: boolean;
  readonly proposal: ListedProposal | null;
}

type CaseProgress = Pick<CaseOverview, 'state' | 'review' | 'proposal' | 'reviewAxis'>;

/** Derives counts and state of a case from what the disk says of it. */
export function overviewOfCase(evidence: CaseEvidence): CaseProgress {
  const { labelled, record, changedOutside } = evidence;
  const nothingCounted = { review: null, proposal: null, reviewAxis: null };
  const proposal = proposalOverview(evidence);
  // A record without its label file speaks of labels that are gone: such a case opens as a fresh one.
  const known = labelled ? record : null;
  if (labelled && !known) {
    // The editor opens such a case in the same way: somebody must look. Its slices are counted when it is saved.
    if (evidence.doubtfulPlace) return { state: { kind: 'edited', accepted: 0, slices: 0 }, ...nothingCounted };
    // Labels that came without a record are complete.
    return { state: { kind: 'accepted', imported: true }, ...nothingCounted };
  }
  const slices = known?.slices.length ?? proposal?.uncertainty.length;
  if (slices === undefined) return { state: { kind: 'unreviewed' }, ...nothingCounted };
  const review = countReview(known, slices, changedOutside, proposal?.pendingSlices ?? []);
  const imported = known?.slices.every(({ source }) => source === 'imported') ?? false;
  const reviewAxis = known ? ({ i: 0, j: 1, k: 2 } as const)[known.reviewAxis] : null;
  return {
    state: stateOf(review, proposal?.pendingSlices.length ?? 0, slices, imported),
    review,
    proposal,
    reviewAxis,
  };
}

function stateOf(review: ReviewCounts, pending: number, slices: number, imported: boolean): CaseState {
  if (slices > 0 && review.accepted === slices) return { kind: 'accepted', imported };
  if (pending > 0) return { kind: 'proposed', pending, slices };
  if (review.edited + review.accepted > 0) return { kind: 'edited', accepted: review.accepted, slices };
  return { kind: 'unreviewed' };
}

/**
 * Counts slices as the editor reads them: where another program wrote the labels since, accepted slices are only
 * edited.
 */
function countReview(
  record: CaseRecord | null,
  slices: number,
  changedOutside: boolean,
  pending: readonly number[],
): ReviewCounts {
  const counts = { unreviewed: 0, edited: 0, accepted: 0, rejected: 0 };
  if (!record) return { ...counts, unreviewed: slices };
  const waiting = new Set(pending);
  for (const [index, { state, rejectedProposal }] of record.slices.entries()) {
    counts[changedOutside && state === 'accepted' ? 'edited' : state]++;
    if (state === 'unreviewed' && rejectedProposal !== undefined && !waiting.has(index)) counts.rejected++;
  }
  return counts;
}

/** Returns the proposal. It is null also where the proposal was made for other slices than the record counts. */
function proposalOverview({ labelled, record, proposal }: CaseEvidence): ProposalOverview | null {
  if (!proposal) return null;
  const { path, id, modelVersion, modelName, created, reviewAxis, uncertainty } = proposal;
  const slices = labelled ? record?.slices : undefined;
  if (slices && record) {
    if (record.reviewAxis !== 'ijk'[reviewAxis] || slices.length !== uncertainty.length) return null;
  }
  const rejected = slices && record ? rejectedSlices(record, id) : [];
  const pendingSlices = [...uncertainty.keys()].filter((slice) => {
    const known = slices?.[slice];
    return !known || (known.state === 'unreviewed' && !rejected[slice]);
  });
  return { path, id, modelVersion, modelName, created, pendingSlices, uncertainty };
}

/** Counts how many cases of a cohort are in which state. */
export function countStates(cases: Iterable<CaseOverview>): Readonly<Record<CaseStateKind, number>> {
  const counts = { unreviewed: 0, proposed: 0, edited: 0, accepted: 0, damaged: 0, unreadable: 0 };
  for (const { state } of cases) counts[state.kind]++;
  return counts;
}
