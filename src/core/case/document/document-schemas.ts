import * as v from 'valibot';
import { bytes, count, integer, vec3 } from '../../basic-schemas.ts';
import { labelTable } from '../../label/table/label-table-schema.ts';

/**
 * These are the run-time schemas of a case's document: the states of its slices, what changes them, and what a person
 * asks of it.
 */

export const sliceReviewState = v.picklist(['unreviewed', 'edited', 'accepted']);

export const proposalSliceState = v.picklist(['pending', 'partial', 'taken', 'rejected']);

export const reviewTransition = v.strictObject({ slice: count, before: sliceReviewState, after: sliceReviewState });

export const proposalTransition = v.strictObject({
  proposalId: v.string(),
  slice: count,
  before: proposalSliceState,
  after: proposalSliceState,
});

const componentState = v.picklist(['pending', 'rejected']);

export const componentTransition = v.strictObject({
  proposalId: v.string(),
  firstVoxel: count,
  before: componentState,
  after: componentState,
});

const proposedComponent = v.strictObject({
  label: count,
  uncertainty: v.number(),
  min: v.pipe(vec3, v.readonly()),
  max: v.pipe(vec3, v.readonly()),
});

/** A proposal as the editor sees it: its voxels are asked for apart (`labelBox`). */
export const proposalSummary = v.strictObject({
  id: v.string(),
  /** The name that the user reads, such as "model 3". */
  modelName: v.string(),
  /** The states by slice along the review axis. */
  slices: v.array(proposalSliceState),
  /** Structures that were rejected, by their first voxel (see `componentAt`). */
  rejectedComponents: v.array(count),
  /** The uncertainty by slice, from 0 (certain) up. */
  uncertainty: v.array(v.number()),
  /** What is known of its structures. Where there are very many, only the largest ones are here. */
  components: v.pipe(v.array(proposedComponent), v.readonly()),
});

export type ProposalSummary = v.InferOutput<typeof proposalSummary>;

/** One revision step, which is a new edit, or an undone or redone one. */
export const documentChange = v.strictObject({
  revision: integer,
  /** `encodeLabelRuns` of the runs that took the label map from the previous revision to this one. */
  runs: bytes,
  review: v.array(reviewTransition),
  proposal: v.array(proposalTransition),
  components: v.array(componentTransition),
  labelTable: v.optional(labelTable),
  /** The stroke of this editor that caused it, if one did. */
  strokeId: v.optional(integer),
});

export type DocumentChange = v.InferOutput<typeof documentChange>;

const slicesReview = v.strictObject({
  action: v.picklist([
    /** The proposal is taken over where it waits; the slices are accepted as they then stand. */
    'accept-slices',
    /** What still waits of the proposal on these slices is gone. */
    'reject-slices',
    /** Accepted slices are not finished after all. */
    'unaccept-slices',
  ]),
  /** The slices along the review axis, both ends included. The whole case goes from 0 to the last. */
  from: count,
  to: count,
  /**
   * When accepting, it says what becomes of slices that nobody has looked at, or that were rejected. Without it nothing
   * happens where there are such slices (`DoubtfulAcceptanceError`), and the answer asks.
   */
  doubtful: v.exactOptional(v.picklist(['accept', 'leave'])),
});

const componentReview = v.strictObject({
  action: v.picklist([
    /** The waiting voxels of the proposed structure become labels; their slices are edited, never accepted. */
    'accept-component',
    /** The structure leaves the proposal. */
    'reject-component',
  ]),
  /** A voxel of the structure: i, j, k. */
  voxel: v.pipe(v.tuple([count, count, count]), v.readonly()),
});

/** All waiting voxels of one label become labels; their slices are edited, never accepted. */
const labelReview = v.strictObject({ action: v.literal('accept-label'), label: count });

/** What a reviewer decides. */
export const reviewIntent = v.variant('action', [slicesReview, componentReview, labelReview]);

export type ReviewIntent = v.InferOutput<typeof reviewIntent>;
