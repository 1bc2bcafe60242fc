import * as v from 'valibot';
import { count, fraction, integer, notNegative } from '../../basic-schemas.ts';
import { leftOutCase } from '../../cohort/left-out.ts';
import { engineChoice, engineId } from '../../engines/engine-id.ts';
import { labelEntry } from '../../label/label-table-schema.ts';
import { presetName } from '../../learn/plan/preset.ts';

export const trainParams = v.strictObject({
  /** A folder in any supported cohort layout. */
  cohortRoot: v.string(),
  /** Absent: `auto`. */
  preset: v.optional(presetName),
  /** Absent: `auto`. */
  engine: v.optional(engineChoice),
  /** Wall clock of the whole request, preprocessing, evaluation and writing included. With `epochs`: whichever ends first. */
  minutes: v.optional(v.pipe(v.number(), v.gtValue(0))),
  /** Neither: the engine's default of a few minutes. */
  epochs: v.optional(v.pipe(integer, v.minValue(1))),
  /** Absent: 0. */
  seed: v.optional(integer),
  /** Where the cohort's state (`models/`, `active`, ...) is kept; absent: `<cohortRoot>/.voxel-loop`. */
  outDir: v.optional(v.string()),
  /** Start from the active version's weights where its plan fits. Absent: yes, but for a fold. */
  warmStart: v.optional(v.boolean()),
  /** Start from the weights of this version, in place of the active one's. */
  startFrom: v.optional(v.pipe(integer, v.minValue(1))),
  /**
   * A JSON file with parts of a plan, which are taken in place of what would be planned (see `overridePlan`). Absent:
   * `plan.json` in `<cohortRoot>/.voxel-loop`, if there is one.
   */
  planFile: v.optional(v.string()),
  /**
   * Evaluations in a row without a better tune Dice after which training ends; 0: never. Absent: with `epochs` half of
   * them (at least 10), with `minutes` never.
   */
  patience: v.optional(count),
  /**
   * Threads of a network on the CPU: a part of the run, because sums depend on it in their last bit. Absent: what the
   * engine was started with.
   */
  threads: v.optional(v.pipe(integer, v.minValue(1))),
  /**
   * One fold of a cross-validation over the complete cases, counted from 1: fold `index` of `of` judges. Its versions
   * are kept in `folds/<index>-of-<of>` within the cohort's state, as if that were a cohort of its own.
   */
  fold: v.optional(
    v.pipe(
      v.strictObject({ index: v.pipe(integer, v.minValue(1)), of: v.pipe(integer, v.minValue(2)) }),
      v.check(({ index, of }) => index <= of, 'there is no such fold'),
    ),
  ),
  /**
   * Goes on with the training that was interrupted, as if nothing had happened, with what that one was told; whatever else
   * is given must be the same, but for the engine. Absent: trains from the start.
   */
  resume: v.optional(v.boolean()),
  /** Engines that are not taken, because the run died on them. */
  without: v.optional(v.array(engineId)),
});
export type TrainParams = v.InferOutput<typeof trainParams>;

const dice = v.nullable(v.number());

/** One evaluation during training: a point of the curves. */
export const trainEvaluation = v.strictObject({
  step: count,
  /** Mean over the last steps. */
  loss: v.number(),
  /** Mean Dice on the tune cases; null where there are none. */
  tuneDice: dice,
  /** The same by label (no background), in the order of the plan's labels; absent where there are no tune cases. */
  labelDice: v.exactOptional(v.pipe(v.array(dice), v.readonly())),
  learningRate: v.number(),
});
export type TrainEvaluation = v.InferOutput<typeof trainEvaluation>;

/** What training does, as soon as all of its data was looked at. */
export const trainProgressPlan = v.strictObject({
  /** In words (`describePlan`). */
  sentences: v.pipe(v.array(v.string()), v.readonly()),
  /** No background: the order of `labelDice`. */
  labels: v.array(v.strictObject(labelEntry.entries)),
});
export type TrainProgressPlan = v.InferOutput<typeof trainProgressPlan>;

export const trainProgress = v.strictObject({
  phase: v.picklist(['preparing', 'training', 'evaluating']),
  /** Of the whole request. */
  fraction,
  /** Epochs begun; 0 while preparing. */
  epoch: count,
  /** Steps done in all. */
  step: count,
  /** Mean over the last steps; null before the first. */
  loss: v.nullable(v.number()),
  /** Newest mean Dice on the tune cases; null before the first evaluation or where there are none. */
  tuneDice: v.nullable(v.number()),
  bestTuneDice: v.nullable(v.number()),
  /** Of the last step; null before the first. */
  learningRate: v.nullable(v.number()),
  /** The newest evaluation; none is left out of the reports. */
  evaluation: v.nullable(trainEvaluation),
  secondsLeft: v.nullable(notNegative),
  /** In one report, before the first step. */
  plan: v.exactOptional(trainProgressPlan),
});
export type TrainProgress = v.InferOutput<typeof trainProgress>;

export const trainResult = v.strictObject({
  /** The new version's number in the cohort. */
  version: v.pipe(integer, v.minValue(1)),
  /** Its folder: `model.onnx`, `card.json`, `report.html`. */
  modelDir: v.string(),
  /** A page that shows how training went and how good the version is; null where it could not be made. */
  reportPath: v.nullable(v.string()),
  /** It predicts from now on. False: it stays a candidate because it was worse on the holdout. */
  activated: v.boolean(),
  /** Mean over holdout cases of the mean over labels of Dice; null where none of them judged. */
  holdoutDice: dice,
  /** The same of the version that was active, measured now on the same cases; null where there is none. */
  previousHoldoutDice: dice,
  holdoutCases: count,
  tuneDice: dice,
  /** Holdout Dice by label (no background), mean over the cases where it is defined; and the active version's on the same cases. */
  perLabel: v.array(
    v.strictObject({
      ...{ value: integer, name: v.string(), holdoutDice: dice, previousHoldoutDice: dice },
      /** Why it has no Dice: no case that was learned from shows it, or none that judges. Null: it was judged, or nothing was. */
      notJudged: v.nullable(v.picklist(['not-learnt', 'in-no-case'])),
    }),
  ),
  trainedCases: count,
  /** Of these, slices that count as they are reviewed, in one direction: as the plan counts them before it begins. */
  acceptedSlices: count,
  /** Pictures that it learned from: of the same slices, and of those in other directions where the plan has such. */
  trainedSlices: count,
  epochs: count,
  steps: count,
  seconds: notNegative,
  /** The user stopped early; the best weights until then were kept. */
  stopped: v.boolean(),
  engineName: v.string(),
  /** What did not go as it should (an engine that ran out of memory, another that took over), in sentences for the user. */
  notes: v.array(v.string()),
  /** Cases that should have taken part and could not; `notes` tell of them too. */
  leftOut: v.array(leftOutCase),
  /** One sentence for the user: what came of it and why. */
  verdict: v.string(),
  /** More time would help: why, and how many minutes from these weights on; null: nothing says so. */
  longer: v.nullable(v.strictObject({ why: v.picklist(['learnt-nothing', 'still-learning']), minutes: v.number() })),
});
export type TrainResult = v.InferOutput<typeof trainResult>;
