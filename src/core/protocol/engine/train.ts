import * as v from 'valibot';
import { count, fraction, integer, notNegative } from '../../basic-schemas.ts';
import { leftOutCase } from '../../cohort/left-out.ts';
import { engineChoice, engineId } from '../../engines/engine-id.ts';
import { labelEntry } from '../../label/table/label-table-schema.ts';
import { presetName } from '../../learn/plan/preset.ts';

export const trainParams = v.strictObject({
  /** A folder in any supported cohort layout. */
  cohortRoot: v.string(),
  /** The default is `auto`. */
  preset: v.optional(presetName),
  /** The default is `auto`. */
  engine: v.optional(engineChoice),
  /**
   * The wall-clock time of the whole request, preprocessing, evaluation and writing included. Together with `epochs`
   * whichever ends first counts.
   */
  minutes: v.optional(v.pipe(v.number(), v.gtValue(0))),
  /** Without `epochs` and `minutes` the engine's default of a few minutes is taken. */
  epochs: v.optional(v.pipe(integer, v.minValue(1))),
  /** The default is 0. */
  seed: v.optional(integer),
  /** The cohort's state (`models/`, `active`, ...) is kept there. The default is `<cohortRoot>/.voxel-loop`. */
  outDir: v.optional(v.string()),
  /**
   * Says whether to start from the active version's weights where its plan fits. The default is yes, except for a fold.
   */
  warmStart: v.optional(v.boolean()),
  /** Training starts from the weights of this version, in place of the active one's. */
  startFrom: v.optional(v.pipe(integer, v.minValue(1))),
  /**
   * A JSON file with parts of a plan, which are taken in place of what would be planned (see `overridePlan`). Without
   * it `plan.json` in `<cohortRoot>/.voxel-loop` is taken, if there is one.
   */
  planFile: v.optional(v.string()),
  /**
   * Training ends after so many evaluations in a row without a better tune Dice; with 0 it never does. The default is
   * half of `epochs` (at least 10), and never with `minutes`.
   */
  patience: v.optional(count),
  /**
   * The threads of a network on the CPU. They are a part of the run, because sums depend on them in their last bit.
   * Without it they are what the engine was started with.
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
   * Goes on with the training that was interrupted, as if nothing had happened, with what that one was told; whatever
   * else is given must be the same, except for the engine. Without it training begins from the start.
   */
  resume: v.optional(v.boolean()),
  /** These engines are not taken, because the run died on them. */
  without: v.optional(v.array(engineId)),
});
export type TrainParams = v.InferOutput<typeof trainParams>;

const dice = v.nullable(v.number());

/** One evaluation during training, which is a point of the curves. */
export const trainEvaluation = v.strictObject({
  step: count,
  /** The mean over the last steps. */
  loss: v.number(),
  /** The mean Dice on the tune cases. It is null where there are none. */
  tuneDice: dice,
  /**
   * The same by label (no background), in the order of the plan's labels. It is absent where there are no tune cases.
   */
  labelDice: v.exactOptional(v.pipe(v.array(dice), v.readonly())),
  learningRate: v.number(),
});
export type TrainEvaluation = v.InferOutput<typeof trainEvaluation>;

/** What training does. It is told as soon as all of its data was looked at. */
export const trainProgressPlan = v.strictObject({
  /** The plan in words (`describePlan`). */
  sentences: v.pipe(v.array(v.string()), v.readonly()),
  /** The labels without background, in the order of `labelDice`. */
  labels: v.array(v.strictObject(labelEntry.entries)),
});
export type TrainProgressPlan = v.InferOutput<typeof trainProgressPlan>;

export const trainProgress = v.strictObject({
  phase: v.picklist(['preparing', 'training', 'evaluating']),
  /** The share of the whole request that is done. */
  fraction,
  /** The number of epochs begun; it is 0 while preparing. */
  epoch: count,
  /** The number of steps done in all. */
  step: count,
  /** The mean over the last steps. It is null before the first. */
  loss: v.nullable(v.number()),
  /** The newest mean Dice on the tune cases. It is null before the first evaluation, and where there are none. */
  tuneDice: v.nullable(v.number()),
  bestTuneDice: v.nullable(v.number()),
  /** The rate of the last step. It is null before the first. */
  learningRate: v.nullable(v.number()),
  /** The newest evaluation. The reports leave none out. */
  evaluation: v.nullable(trainEvaluation),
  secondsLeft: v.nullable(notNegative),
  /** The plan comes in one report, before the first step. */
  plan: v.exactOptional(trainProgressPlan),
});
export type TrainProgress = v.InferOutput<typeof trainProgress>;

export const trainResult = v.strictObject({
  /** The new version's number in the cohort. */
  version: v.pipe(integer, v.minValue(1)),
  /** The folder of the version: `model.onnx`, `card.json`, `report.html`. */
  modelDir: v.string(),
  /** A page that shows how training went and how good the version is. It is null where it could not be made. */
  reportPath: v.nullable(v.string()),
  /** It is true when the version predicts from now on. Otherwise it stays a candidate because the gate refused it. */
  activated: v.boolean(),
  /** The mean over holdout cases of the mean over labels of Dice. It is null where none of them judged. */
  holdoutDice: dice,
  /** The same of the version that was active, measured now on the same cases. It is null where there is none. */
  previousHoldoutDice: dice,
  holdoutCases: count,
  tuneDice: dice,
  /**
   * The holdout Dice by label (no background), as the mean over the cases where it is defined, with the active
   * version's on the same cases.
   */
  perLabel: v.array(
    v.strictObject({
      value: integer,
      name: v.string(),
      holdoutDice: dice,
      previousHoldoutDice: dice,
      /**
       * Why the label has no Dice: no case that was learned from shows it, or none that judges. It is null where the
       * label was judged, or nothing was.
       */
      notJudged: v.nullable(v.picklist(['not-learnt', 'in-no-case'])),
    }),
  ),
  trainedCases: count,
  /**
   * Of the cases that it learned from, the slices that count as they are reviewed, in one direction. The plan counts
   * them so before training begins.
   */
  acceptedSlices: count,
  /**
   * The pictures that it learned from: those of the same slices, and those in other directions where the plan has such.
   */
  trainedSlices: count,
  epochs: count,
  steps: count,
  seconds: notNegative,
  /** It is true when the user stopped early; the best weights until then were kept. */
  stopped: v.boolean(),
  engineName: v.string(),
  /**
   * What did not go as it should (an engine that ran out of memory, another that took over), in sentences for the user.
   */
  notes: v.array(v.string()),
  /** Cases that should have taken part and could not; `notes` tell of them too. */
  leftOut: v.array(leftOutCase),
  /** One sentence for the user about what came of it and why. */
  verdict: v.string(),
  /** Says why more time would help, and how many minutes from these weights on. It is null where nothing says so. */
  longer: v.nullable(v.strictObject({ why: v.picklist(['learnt-nothing', 'still-learning']), minutes: v.number() })),
});
export type TrainResult = v.InferOutput<typeof trainResult>;
