import * as v from 'valibot';
import { count, integer } from '../../core/basic-schemas.ts';
import { leftOutCase } from '../../core/cohort/left-out.ts';
import { engineId } from '../../core/engines/engine-id.ts';
import { TrainingError } from '../../core/learn/learn-errors.ts';
import { planSchema } from '../../core/learn/plan/plan.ts';
import { presetName } from '../../core/learn/plan/preset.ts';
import { type TrainParams, trainParams } from '../../core/protocol/engine/train.ts';
import { SNAPSHOT_RUN } from '../../node/cohort/models/training-files.ts';

/** A run takes so long without `minutes` and `epochs`. */
const DEFAULT_MINUTES = 5;

const { minutes, epochs, warmStart, startFrom, patience, fold, planFile } = trainParams.entries;

/** What a run was told, as far as it decides what comes out of it. */
const runSettings = v.strictObject({
  preset: presetName,
  seed: integer,
  minutes,
  epochs,
  warmStart,
  startFrom,
  patience,
  fold,
  planFile,
});
export type RunSettings = v.InferOutput<typeof runSettings>;

const ids = v.pipe(v.array(v.string()), v.readonly());

/** What a checkpoint says of its run, beside the state of the training. */
export const runRecord = v.strictObject({
  settings: runSettings,
  /**
   * When it was started first (ISO 8601), which its journal says too. It is absent in a run of an earlier Voxel Loop.
   */
  startedAt: v.exactOptional(v.string()),
  engine: engineId,
  /** The number of threads of one network on the CPU. */
  threads: v.number(),
  /** The number of slices of a part of a step, where the engine had not the memory for a whole one (`SplitTrainer`). */
  slicesAtOnce: v.exactOptional(count),
  /** What did not go as it should, in sentences for the user. */
  notes: v.exactOptional(v.pipe(v.array(v.string()), v.readonly())),
  /** Cases that should have taken part and could not. */
  leftOut: v.exactOptional(v.pipe(v.array(leftOutCase), v.readonly())),
  plan: planSchema,
  learnsCleanUp: v.boolean(),
  split: v.strictObject({ train: ids, tune: ids, holdout: ids, reserved: v.exactOptional(ids) }),
  /** The fingerprint of the cases that train and tune (`dataFingerprint`). */
  dataFingerprint: v.string(),
  /** What is kept of these cases (`TrainingSnapshot.run`). It is absent in a run of an earlier Voxel Loop. */
  snapshot: v.exactOptional(v.pipe(v.string(), v.regex(SNAPSHOT_RUN))),
  /** The version whose weights it started from. It is null where they were random. */
  parent: v.nullable(v.number()),
  /** The cases that train and that `parent` had not seen. */
  newCases: ids,
  /** The time on the wall clock that the run has taken until now, its earlier parts included. */
  seconds: v.number(),
});
export type RunRecord = v.InferOutput<typeof runRecord>;

/** Returns the settings of a run that starts, with what was left open filled in. */
export function newRunSettings(params: TrainParams): RunSettings {
  return {
    preset: params.preset ?? 'auto',
    seed: params.seed ?? 0,
    minutes: params.minutes ?? (params.epochs === undefined ? DEFAULT_MINUTES : undefined),
    epochs: params.epochs,
    warmStart: params.warmStart,
    startFrom: params.startFrom,
    patience: params.patience,
    fold: params.fold,
    planFile: params.planFile,
  };
}

/** @throws TrainingError if the run was told something else than what is asked for now */
export function checkSameRun(params: TrainParams, { settings, threads }: RunRecord): void {
  const ran = { ...settings, threads };
  for (const key of [...(Object.keys(runSettings.entries) as (keyof RunSettings)[]), 'threads'] as const) {
    const [wanted, told] = [params[key], ran[key]].map((value) => JSON.stringify(value));
    if (wanted === undefined || wanted === told) continue;
    throw new TrainingError(
      `The training that was interrupted ran with ${key} ${told ?? 'left open'}, not ${wanted}: resume it with what it ran with, or train from the start.`,
    );
  }
}
