import * as v from 'valibot';
import { count, integer, vec3 } from '../../basic-schemas.ts';
import { leftOutCase } from '../../cohort/left-out.ts';
import { setScores } from '../../cohort/records/cohort-record.ts';
import { labelEntry } from '../../label/label-table-schema.ts';
import { presetName } from '../../learn/plan/preset.ts';
import { caseAgreement } from '../agreement-schema.ts';
import type { Contract } from '../contract.ts';
import { engineChoice, engineId, engineVerdict } from '../engine-id.ts';

/**
 * What the compute process (engine) answers: spoken by the extension host and the CLI.
 * All paths are absolute paths of files on the engine's machine. Every message survives JSON (no NaN, no bytes):
 * voxels and weights travel as files.
 */

const fraction = v.pipe(v.number(), v.minValue(0), v.maxValue(1));
const notNegative = v.pipe(v.number(), v.minValue(0));
const seconds = notNegative;
const voxelAxis = v.picklist([0, 1, 2]);

/** Where a prediction goes. */
export const predictionOutput = v.variant('kind', [
  /**
   * An immutable proposal in this folder (`.voxel-loop/proposals/<case>`), named by model version and image. If that
   * model has predicted that image already, the file is taken as it is. `within`: the folder that it must not lead out of
   * (`CohortStore.files`); absent: the user chose `folder` itself.
   */
  v.strictObject({ kind: v.literal('proposal'), folder: v.string(), within: v.exactOptional(v.string()) }),
  /** A NIfTI label map (`.nii` or `.nii.gz`) on the image's grid; an existing file is replaced atomically. */
  v.strictObject({ kind: v.literal('labels'), path: v.string() }),
]);

export const predictParams = v.strictObject({
  /** One path per channel (see `CaseFiles`). */
  channels: v.pipe(v.array(v.string()), v.minLength(1)),
  timeIndex: count,
  /** A `model.onnx` or the folder of a model version that holds one. */
  model: v.string(),
  engine: engineChoice,
  output: predictionOutput,
  /** Engines that are not taken, because a process died on them. */
  without: v.optional(v.array(engineId)),
  /** The case's recorded review axis, which uncertainty is told along; absent: the one that the model slices along. */
  reviewAxis: v.optional(voxelAxis),
  /** Also an image that holds what a label map holds; absent: refused with `looks-like-labels`. */
  evenLabels: v.optional(v.boolean()),
});
export type PredictParams = v.InferOutput<typeof predictParams>;

/** What a job runs on now. */
export const engineInUse = v.strictObject({
  id: engineId,
  name: v.string(),
  /** What the others are compared with, which nothing takes the place of. */
  isReference: v.boolean(),
});
export type EngineInUse = v.InferOutput<typeof engineInUse>;

export const predictProgress = v.strictObject({
  phase: v.picklist(['loading', 'predicting', 'writing']),
  fraction,
  /** Told before it runs: who hears nothing more knows what took the process down. */
  engine: v.optional(engineInUse),
});
export type PredictProgress = v.InferOutput<typeof predictProgress>;

/** A `PredictedComponent`. */
export const predictedComponent = v.strictObject({
  label: count,
  uncertainty: fraction,
  volumeMm3: v.number(),
  min: v.pipe(vec3, v.readonly()),
  max: v.pipe(vec3, v.readonly()),
  centreVoxel: v.pipe(vec3, v.readonly()),
});

export const predictResult = v.strictObject({
  /** The file that was written: a proposal (`readProposalFile`) or a NIfTI label map. */
  path: v.string(),
  /** The proposal was there already and nothing was computed. */
  reused: v.boolean(),
  /** What ran, as the user reads it ("ONNX Runtime CPU"); null: nothing did, the proposal was there already. */
  engineName: v.nullable(v.string()),
  /** What did not go as it should with the engine, in sentences for the user. */
  notes: v.array(v.string()),
  /** What the user reads: "model 3", or the file's name where it is no version of a cohort. */
  modelName: v.string(),
  /** Wall clock of the whole request. */
  seconds,
  reviewAxis: voxelAxis,
  /** By slice along the review axis: 0 certain .. 1 as uncertain as can be (see `sliceUncertainties`). */
  uncertainty: v.array(fraction),
  /** The other `SliceSignals` by slice; null where they are not known. */
  disagreement: v.nullable(v.array(fraction)),
  distance: v.nullable(v.array(notNegative)),
  areaMm2: v.nullable(v.array(notNegative)),
  /** The pieces of the prediction (see `predictedComponents`). */
  components: v.array(predictedComponent),
  /** The model's labels, background first; `voxels` counts the prediction. */
  labels: v.array(v.strictObject({ ...labelEntry.entries, voxels: count })),
});
export type PredictResult = v.InferOutput<typeof predictResult>;

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
  secondsLeft: v.nullable(seconds),
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
  seconds,
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

/** A point of the curves of loss and learning rate. */
export const trainSample = v.strictObject({ step: count, loss: v.number(), learningRate: v.number() });

export type TrainSample = v.InferOutput<typeof trainSample>;

/** A training that was interrupted: its checkpoint, or only that it was started. */
export const interruptedTraining = v.strictObject({
  /** Of the training that is done. */
  fraction,
  step: count,
  /** Wall clock that it has taken. */
  seconds,
  minutes: v.nullable(v.number()),
  evaluations: v.array(trainEvaluation),
  /** Of `labelDice`, no background. */
  labels: v.array(v.strictObject(labelEntry.entries)),
  /** Of its whole way, as far as that was written down. */
  samples: v.array(trainSample),
  /** What it had trained since its last checkpoint and is lost, in seconds; null: that is not known. */
  lostSeconds: v.nullable(seconds),
  /** The training that was started last, if it was cut off before it had kept anything: the checkpoint, if there is one, is of an earlier one. */
  unkept: v.nullable(
    v.strictObject({
      /** ISO 8601. */
      startedAt: v.string(),
      minutes: v.nullable(v.number()),
      /** What it had trained and is lost. */
      lostSeconds: seconds,
    }),
  ),
  /** It was stopped by hand, and this version is what it had learned; null: it died. */
  keptAs: v.nullable(integer),
  /** What it ran on, where that can be left out (`TrainParams.without`) because another can take over; null: it cannot. */
  replaceable: v.nullable(v.strictObject({ id: engineId, name: v.string() })),
  /** Why it cannot be resumed, and what to do; null: it can. */
  obstacle: v.nullable(v.string()),
});
export type InterruptedTraining = v.InferOutput<typeof interruptedTraining>;

export const previewParams = v.strictObject({
  cohortRoot: v.string(),
  /** As in `trainParams`. */
  planFile: v.optional(v.string()),
  /** Absent: 0. */
  seed: v.optional(integer),
  /** Slices of this case; absent: of cases from all over the cohort. */
  caseId: v.optional(v.string()),
  /** The PNG file to write; one that is there is replaced. */
  path: v.string(),
});
export type PreviewParams = v.InferOutput<typeof previewParams>;

export const previewResult = v.strictObject({
  /** What the picture shows, from the top: one slice a row. */
  rows: v.array(v.strictObject({ caseId: v.string(), slicing: v.string(), slice: count, slices: count })),
  /** Pictures in a row: the slice as it is, then changed. */
  columns: count,
  labels: v.array(v.strictObject(labelEntry.entries)),
  /** What training does to slices, each with how often. */
  changes: v.array(v.string()),
  /** Cases with labels that cannot be used. */
  leftOut: v.array(leftOutCase),
  /** What is odd about images that were read, in sentences for the user. */
  notes: v.array(v.string()),
});
export type PreviewResult = v.InferOutput<typeof previewResult>;

export const compareParams = v.strictObject({
  cohortRoot: v.string(),
  /** The version in question, and the one that it is compared with. */
  version: v.pipe(integer, v.minValue(1)),
  other: v.pipe(integer, v.minValue(1)),
  /** Absent: `auto`. */
  engine: v.optional(engineChoice),
  /** See `predictParams`. */
  without: v.optional(v.array(engineId)),
  /** Pictures of so many of the cases on which `version` loses most. */
  pictures: count,
});
export type CompareParams = v.InferOutput<typeof compareParams>;

export const compareProgress = v.strictObject({
  fraction,
  done: count,
  cases: count,
  /** See `predictProgress`. */
  engine: v.optional(engineInUse),
});
export type CompareProgress = v.InferOutput<typeof compareProgress>;

export const comparedPicture = v.strictObject({
  caseId: v.string(),
  caption: v.string(),
  /** PNG, base 64: the image, with truth and the other's outlines, with truth and the version's own. */
  png: v.string(),
  width: count,
  height: count,
});

export const compareResult = v.strictObject({
  /** Of `version` and of `other`, on the same cases, labels of `version`. */
  scores: v.tuple([setScores, setScores]),
  /** The worst losses first. */
  pictures: v.array(comparedPicture),
  /** Cases that are held out and could not be read. */
  unreadable: v.array(v.string()),
  seconds,
  engineName: v.string(),
  /** What did not go as it should with the engine, in sentences for the user. */
  notes: v.array(v.string()),
});
export type CompareResult = v.InferOutput<typeof compareResult>;

export const engineReport = v.strictObject({
  /** Those that there can be on this platform, most likely fastest first. */
  engines: v.array(
    v.strictObject({
      id: engineId,
      name: v.string(),
      /** What it computes on, as far as the system says; null: it does not. */
      device: v.nullable(v.string()),
      verdict: engineVerdict,
    }),
  ),
  /** What the others are compared with. */
  reference: engineId,
  /** What `auto` takes. */
  chosen: v.strictObject({ predict: engineId, train: engineId }),
});
export type EngineReport = v.InferOutput<typeof engineReport>;

/** ONNX Runtime's library for NVIDIA graphics cards, which is too large to come with Voxel Loop. */
export const cudaSupport = v.variant('state', [
  /** It exists for Linux on x64 alone, and not with the C library of Alpine. */
  v.strictObject({ state: v.literal('impossible') }),
  v.strictObject({ state: v.literal('installed'), folder: v.string() }),
  /** Of the download. */
  v.strictObject({ state: v.literal('absent'), folder: v.string(), bytes: count }),
]);
export type CudaSupport = v.InferOutput<typeof cudaSupport>;

export const cudaInstallProgress = v.strictObject({
  phase: v.picklist(['downloading', 'unpacking']),
  doneBytes: count,
  bytes: count,
});
export type CudaInstallProgress = v.InferOutput<typeof cudaInstallProgress>;

export const cudaInstallResult = v.strictObject({
  folder: v.string(),
  /** Libraries of NVIDIA's driver, CUDA 12 or cuDNN 9 that this machine does not have. */
  missing: v.array(v.string()),
});
export type CudaInstallResult = v.InferOutput<typeof cudaInstallResult>;

export const compareLabelsParams = v.strictObject({
  pairs: v.array(v.strictObject({ id: v.string(), first: v.string(), second: v.string() })),
  /** Names of labels, background first; files may hold more. */
  labels: v.array(v.strictObject(labelEntry.entries)),
  /** Of surface Dice. */
  toleranceMm: v.pipe(v.number(), v.gtValue(0)),
});
export type CompareLabelsParams = v.InferOutput<typeof compareLabelsParams>;

export const compareLabelsResult = v.strictObject({
  cases: v.array(caseAgreement),
  /** Cases that could not be compared, each with the reason as a sentence. */
  failed: v.array(v.strictObject({ id: v.string(), reason: v.string() })),
  /** Sentences about cases whose two files do not lie on one grid and were placed, or whose numbers are not plainly labels. */
  notes: v.array(v.string()),
});
export type CompareLabelsResult = v.InferOutput<typeof compareLabelsResult>;

/** What the engine answers. */
export const engineContract = {
  requests: {
    predict: { params: predictParams, progress: predictProgress, result: predictResult },
    /**
     * Cancelling in the first ten seconds of training, before its first evaluation, rejects as cancelled and leaves
     * nothing; afterwards it RESOLVES with `stopped: true` and a version made from the best weights so far. A second
     * `train` on one cohort is refused with code `training-locked`. What a run that was killed had done is in
     * `training/` of the cohort's state: `resume` goes on from there.
     */
    train: { params: trainParams, progress: trainProgress, result: trainResult },
    /**
     * What `train` would do, without doing it. Reads the volumes of some cases only, so that the answer takes seconds. Why
     * nothing can be trained is an answer, not an error.
     */
    planTraining: { params: planTrainingParams, result: trainingOutlook },
    /** The training that `resume` would go on with; null: none, or it is running. */
    interruptedTraining: {
      params: v.pick(trainParams, ['cohortRoot', 'outDir']),
      result: v.nullable(interruptedTraining),
    },
    /** A picture of what augmentation makes of a cohort's slices. Nothing is trained. */
    previewAugmentation: { params: previewParams, result: previewResult },
    /** Agreement of two people's label files, case by case. */
    compareLabels: {
      params: compareLabelsParams,
      progress: v.strictObject({ done: count, all: count }),
      result: compareLabelsResult,
    },
    /**
     * Predicts the held-out cases that neither version has seen with both of them, and scores both. Nothing is written.
     * Refused with code `training` where no such case is there.
     */
    compareModels: { params: compareParams, progress: compareProgress, result: compareResult },
    /** What each engine is worth on this machine; tried now with `again`, else as it is remembered. Takes seconds. */
    engines: { params: v.strictObject({ again: v.boolean() }), result: engineReport },
    /** Whether CUDA support is installed; where it is not, the package feed is asked how large it is. */
    cudaSupport: { params: v.strictObject({}), result: cudaSupport },
    /**
     * Downloads it. Refused with code `cuda-install` where it cannot be had; nothing is left then, nor after a cancellation.
     * A process that has run a network before has to be started again to use it.
     */
    installCuda: { params: v.strictObject({}), progress: cudaInstallProgress, result: cudaInstallResult },
  },
  events: {},
} as const satisfies Contract;

/** What the engine's parent hears. */
export const engineParentContract = {
  requests: {},
  events: {
    log: v.strictObject({ level: v.picklist(['info', 'warning', 'error']), message: v.string() }),
  },
} as const satisfies Contract;

export type EngineContract = typeof engineContract;
export type EngineParentContract = typeof engineParentContract;
