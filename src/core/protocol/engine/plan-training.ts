import * as v from 'valibot';
import { count, integer } from '../../basic-schemas.ts';
import { trainParams } from './train.ts';

export const planTrainingParams = v.pick(trainParams, ['cohortRoot', 'preset', 'engine', 'minutes', 'seed', 'outDir']);
export type PlanTrainingParams = v.InferOutput<typeof planTrainingParams>;

/** What one of the three sets would hold. */
const plannedSet = v.strictObject({
  cases: count,
  /** The slices that count: they are accepted, or of a complete label map. */
  slices: count,
  /** The part of them that the active version has not seen, which is all of them where no version is active. */
  newCases: count,
  newSlices: count,
});
export type PlannedSet = v.InferOutput<typeof plannedSet>;

/** What training would do now. */
export const trainingOutlook = v.strictObject({
  /** Why nothing can be trained, and what to do. It is null where training can start. */
  obstacle: v.nullable(v.string()),
  sets: v.strictObject({ train: plannedSet, tune: plannedSet, holdout: plannedSet }),
  /** The version that "new" is counted from, which is the active one. It is null where there is none. */
  since: v.nullable(integer),
  /** Sentences about what takes no part and why. */
  leftOut: v.array(v.string()),
  /** The plan in words. It is empty where there is an obstacle. */
  sentences: v.array(v.string()),
  /** The plan was made from so many of the cases that train and tune; training looks at all of them. */
  plannedFromCases: count,
  minutes: v.number(),
  /**
   * The steps that a whole run does in a minute, preparing and judging included, as that version did on this machine.
   * It is null where that is not known.
   */
  speed: v.nullable(v.strictObject({ stepsPerMinute: v.number(), version: integer })),
  /** The number of slices of one step. It is null where there is an obstacle. */
  batchSize: v.nullable(count),
  /** Every volume is cut in so many directions, and each of the slices counts once in each. */
  directions: count,
});
export type TrainingOutlook = v.InferOutput<typeof trainingOutlook>;
