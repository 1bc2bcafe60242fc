import { setTimeout as sleep } from 'node:timers/promises';
import { TrainingError } from '../../../core/learn/learn-errors.ts';
import type { TrainParams, TrainResult } from '../../../core/protocol/engine/train.ts';
import { type CohortListing, listCohort } from '../../../node/cohort/cases/cohort-folder.ts';
import { type TrainingLock, TrainingLockedError } from '../../../node/cohort/models/training-lock.ts';
import { CohortStore } from '../../../node/cohort/state/cohort-store.ts';
import { CheckpointFolder, type InterruptedRun } from '../../checkpoints/checkpoint-folder.ts';
import { readRunHistory } from '../../checkpoints/run-journal.ts';
import { checkSameRun, newRunSettings } from '../../checkpoints/run-record.ts';
import { readOverrides } from '../../training/planning/choose-plan.ts';
import { NO_FIGURES, TrainClock } from '../../training/run/train-clock.ts';
import { trainLocked } from './train-locked.ts';
import type { TrainContext } from './training-run.ts';

/**
 * Trains a new model version on everything that is accepted in a cohort, judges it on the holdout beside the active
 * version, writes it, and makes it active if it is not worse.
 *
 * When it is cancelled in the first seconds of training it leaves nothing behind; afterwards it goes on with the best
 * weights until then. When it is killed, it leaves a journal from its first moment on, and as soon as its data is
 * prepared checkpoints that `resume` goes on from.
 *
 * It learns from the labels as they are when it begins, and is judged by them, whatever is saved while it runs or
 * before it is resumed.
 *
 * @throws PlanOverrideError
 * @throws TrainingLockedError
 * @throws SplitError
 * @throws TrainingError
 * @throws RecordError
 * @throws VolumeFileError
 * @throws FileAccessError
 * @throws CancelledError
 */
export async function train(params: TrainParams, context: TrainContext): Promise<TrainResult> {
  const startedMs = performance.now();
  const listing = await listCohort(params.cohortRoot);
  for (const warning of [...listing.layout.warnings, ...splitWarnings(listing)]) context.log('warning', warning);
  // A slip of the pen is told now, and not after all cases were looked at. A run that goes on has its plan.
  const decided = params.resume
    ? undefined
    : await readOverrides({ planFile: params.planFile, cohortState: new CohortStore(listing.root).stateDir });
  const home = new CohortStore(listing.root, params.outDir);
  const { fold } = params;
  const store = fold ? home.fold(fold) : home;
  const lock = await lockTraining(store, params.resume === true);
  try {
    // A version that has no place is told before it is trained.
    await store.files.check(store.models.folderOf(1));
    const checkpoints = new CheckpointFolder(store);
    const interrupted = await interruptedRun(params, checkpoints, store, context);
    const settings = interrupted?.record.settings ?? newRunSettings(params);
    const secondsSpent = (interrupted?.record.seconds ?? 0) + (performance.now() - startedMs) / 1000;
    const clock = new TrainClock(settings.minutes, secondsSpent, context.progress);
    clock.tell('preparing', 0, NO_FIGURES);
    const startedAt = interrupted?.record.startedAt ?? new Date().toISOString();
    return await trainLocked({
      params,
      context,
      listing,
      home,
      store,
      checkpoints,
      interrupted,
      settings,
      startedAt,
      decided,
      clock,
    });
  } finally {
    await lock.release();
  }
}

/** A run that was killed a moment ago may still be giving back its memory: who resumes it waits for that. */
async function lockTraining(store: CohortStore, resume: boolean): Promise<TrainingLock> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await store.lockTraining();
    } catch (error) {
      if (!resume || !(error instanceof TrainingLockedError) || attempt === 10) throw error;
      await sleep(500);
    }
  }
}

/**
 * Returns the run to go on with, if that is asked for.
 * @throws TrainingError if there is none, or it was told something else
 */
async function interruptedRun(
  params: TrainParams,
  checkpoints: CheckpointFolder,
  store: CohortStore,
  { log }: TrainContext,
): Promise<InterruptedRun | null> {
  if (!params.resume) {
    if (await checkpoints.exists()) {
      log(
        'warning',
        'A training of this cohort was interrupted. Its checkpoints are kept until this one writes its own; to go on with it instead, stop now and resume.',
      );
    }
    return null;
  }
  const interrupted = await checkpoints.read();
  if (!interrupted) {
    const history = await readRunHistory(store.runJournalPath).catch(() => null);
    throw new TrainingError(
      history
        ? `The training that was started in ${store.stateDir} at ${history.started.at} was cut off before it had kept anything: train without resuming.`
        : `No training was interrupted in ${store.stateDir}, so there is nothing to resume: train without resuming.`,
    );
  }
  checkSameRun(params, interrupted.record);
  return interrupted;
}

/** A name in the splits.json that no case bears is most likely misspelt, and the case meant is then in neither set. */
function splitWarnings({ layout, declaredSplit }: CohortListing): string[] {
  const ids = new Set(layout.cases.map(({ files }) => files.id));
  const unknown = [...(declaredSplit?.train ?? []), ...(declaredSplit?.val ?? [])].filter((id) => !ids.has(id));
  if (unknown.length === 0) return [];
  const some = unknown
    .slice(0, 3)
    .map((id) => `"${id}"`)
    .join(', ');
  return [
    `The splits.json names ${some}${unknown.length > 3 ? ` and ${unknown.length - 3} more` : ''}, but the cohort has no such case: it takes case names without channel number and ending, such as "${layout.cases[0]?.files.id ?? 'case'}".`,
  ];
}
