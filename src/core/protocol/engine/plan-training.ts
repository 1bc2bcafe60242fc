import * as v from 'valibot';
import { count, integer } from '../../basic-schemas.ts';
import { trainParams } from './train.ts';

export const planTrainingParams = v.pick(trainParams, ['cohortRoot', 'preset', 'engine', 'minutes', 'seed', 'outDir']);
export type PlanTrainingParams = v.InferOutput<typeof planTrainingParams>;

/** What one of the three sets would hold. */
const plannedSet = v.strictObject({
  cases: count,
  /** Slices that count: accepted, or of a complete label map. */
  slices: count,
  /** Of these, what the active version has not seen; all of them where there is none. */
  newCases: count,
  newSlices: count,
});
export type PlannedSet = v.InferOutput<typeof plannedSet>;

/** What training would do now. */
export const trainingOutlook = v.strictObject({
  /** Why nothing can be trained, and what to do; null: training can start. */
  obstacle: v.nullable(v.string()),
  sets: v.strictObject({ train: plannedSet, tune: plannedSet, holdout: plannedSet }),
  /** The version that "new" is counted from: the active one; null: none. */
  since: v.nullable(integer),
  /** What takes no part and why, in sentences. */
  leftOut: v.array(v.string()),
  /** The plan in words; empty where there is an obstacle. */
  sentences: v.array(v.string()),
  /** From how many of the cases that train and tune it was made; training looks at all of them. */
  plannedFromCases: count,
  minutes: v.number(),
  /** Steps that a whole run does in a minute, preparing and judging included, as that version did on this machine; null: not known. */
  speed: v.nullable(v.strictObject({ stepsPerMinute: v.number(), version: integer })),
  /** Slices of one step; null where there is an obstacle. */
  batchSize: v.nullable(count),
  /** In how many directions every volume is cut: each of the slices counts once in each. */
  directions: count,
});
export type TrainingOutlook = v.InferOutput<typeof trainingOutlook>;
