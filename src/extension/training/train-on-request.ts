import type { CancelSignal } from '../../core/cancel.ts';
import { CancelledError } from '../../core/errors.ts';
import type { TrainResult } from '../../core/protocol/engine/train.ts';
import type { CohortStore } from '../../node/cohort/state/cohort-store.ts';
import { cohortName } from '../cohort/current-cohort.ts';
import type { Services } from '../services.ts';
import { announced } from './start-training.ts';
import { TrainingRunsError } from './training-runs.ts';
import { trainingSettings } from './training-settings.ts';
import { trainingText } from './training-text.ts';

/**
 * Trains because another program asked for it. It is this window's training like any other: the page and the status bar
 * show it, people can stop it, and it can be resumed. Nobody can be asked, so it does not take the place of a training
 * that waits to be resumed.
 *
 * @throws TrainingRunsError if it cannot begin; CancelledError if it was stopped before there was anything to keep, or
 * thrown away; RemoteError of the engine, EngineDiedError
 */
export async function trainOnRequest(
  store: CohortStore,
  { status, training: runs, trainingMemory }: Services,
  minutes: number | undefined,
  {
    signal,
    onProgress,
  }: {
    readonly signal: CancelSignal;
    readonly onProgress: (fraction: number, phase: string) => void;
  },
): Promise<TrainResult> {
  if (runs.isRunning) throw new TrainingRunsError(trainingText.alreadyRunning);
  if (await runs.resumable(store)) throw new TrainingRunsError(trainingText.waitsToBeResumed(cohortName(store)));
  const progress = runs.onProgress(({ figures }) => onProgress(figures.fraction, figures.phase));
  const cancel = () => runs.stop('keep');
  try {
    if (signal.aborted) throw new CancelledError();
    const params = { ...trainingSettings(trainingMemory), ...(minutes !== undefined && { minutes }) };
    const started = runs.start(store, params, false);
    signal.addEventListener('abort', cancel);
    const { result, obstacle } = await started;
    if (!result) throw obstacle === null || signal.aborted ? new CancelledError() : new TrainingRunsError(obstacle);
    announced(result, status);
    return result;
  } finally {
    signal.removeEventListener('abort', cancel);
    progress.dispose();
  }
}
