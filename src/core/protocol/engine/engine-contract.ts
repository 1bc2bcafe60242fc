import * as v from 'valibot';
import { count } from '../../basic-schemas.ts';
import type { Contract } from '../contract.ts';
import { compareLabelsParams, compareLabelsResult } from './compare-labels.ts';
import { compareParams, compareProgress, compareResult } from './compare-models.ts';
import { cudaInstallProgress, cudaInstallResult, cudaSupport } from './cuda-support.ts';
import { engineReport } from './engine-report.ts';
import { interruptedTraining } from './interrupted-training.ts';
import { planTrainingParams, trainingOutlook } from './plan-training.ts';
import { predictParams, predictProgress, predictResult } from './predict.ts';
import { previewParams, previewResult } from './preview-augmentation.ts';
import { trainParams, trainProgress, trainResult } from './train.ts';

/**
 * The compute process (engine) answers this; the extension host and the CLI speak it. All paths are absolute paths of
 * files on the engine's machine. Every message survives JSON (no NaN, no bytes): voxels and weights travel as files.
 */
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
     * Asks what `train` would do, without doing it. It reads the volumes of some cases only, so that the answer takes
     * seconds. A reason why nothing can be trained is an answer, not an error.
     */
    planTraining: { params: planTrainingParams, result: trainingOutlook },
    /** Asks for the training that `resume` would go on with. It is null where there is none, or where it is running. */
    interruptedTraining: {
      params: v.pick(trainParams, ['cohortRoot', 'outDir']),
      result: v.nullable(interruptedTraining),
    },
    /** Asks for a picture of what augmentation makes of a cohort's slices. Nothing is trained. */
    previewAugmentation: { params: previewParams, result: previewResult },
    /** Asks for the agreement of two people's label files, case by case. */
    compareLabels: {
      params: compareLabelsParams,
      progress: v.strictObject({ done: count, all: count }),
      result: compareLabelsResult,
    },
    /**
     * Predicts the held-out cases that neither version has seen with both of them, and scores both. Nothing is written.
     * It is refused with code `training` where no such case is there.
     */
    compareModels: { params: compareParams, progress: compareProgress, result: compareResult },
    /**
     * Asks what each engine is worth on this machine. With `again` it is tried now, which takes seconds, else it is as
     * remembered.
     */
    engines: { params: v.strictObject({ again: v.boolean() }), result: engineReport },
    /** Asks whether CUDA support is installed. Where it is not, the package feed is asked how large it is. */
    cudaSupport: { params: v.strictObject({}), result: cudaSupport },
    /**
     * Downloads CUDA support. It is refused with code `cuda-install` where it cannot be had; nothing is left then, nor
     * after a cancellation. A process that has run a network before has to be started again to use it.
     */
    installCuda: { params: v.strictObject({}), progress: cudaInstallProgress, result: cudaInstallResult },
  },
  events: {},
} as const satisfies Contract;

/** The engine's parent hears this. */
export const engineParentContract = {
  requests: {},
  events: {
    log: v.strictObject({ level: v.picklist(['info', 'warning', 'error']), message: v.string() }),
  },
} as const satisfies Contract;

export type EngineContract = typeof engineContract;
export type EngineParentContract = typeof engineParentContract;
