import { VoxelLoopError } from '../../core/errors.ts';
import type { InterruptedTraining } from '../../core/protocol/engine/interrupted-training.ts';
import type { TrainParams } from '../../core/protocol/engine/train.ts';
import { NO_CURVES, withSample } from '../../core/report/training-curves.ts';
import { listCohort } from '../../node/cohort/cases/cohort-folder.ts';
import { isTrainingLocked } from '../../node/cohort/models/training-lock.ts';
import { CohortStore } from '../../node/cohort/state/cohort-store.ts';
import { CheckpointFolder } from '../checkpoints/checkpoint-folder.ts';
import { lostMs, type RunHistory, readRunHistory } from '../checkpoints/run-journal.ts';
import type { RunRecord } from '../checkpoints/run-record.ts';
import type { Engines } from '../choice/engines.ts';
import { checkUnchanged, frozenData } from '../training/data/training-data.ts';

/**
 * Finds the training of a cohort that was interrupted, and says whether it can go on. It is null where there is none,
 * or where one is running.
 * @throws FileAccessError
 * @throws CohortFolderError
 */
export async function findInterruptedTraining(
  { cohortRoot, outDir }: Pick<TrainParams, 'cohortRoot' | 'outDir'>,
  engines: Engines,
): Promise<InterruptedTraining | null> {
  const store = new CohortStore(cohortRoot, outDir);
  const checkpoints = new CheckpointFolder(store);
  const hasCheckpoint = await checkpoints.exists();
  const history = await readRunHistory(store.runJournalPath).catch(() => null);
  if ((!hasCheckpoint && !history) || (await isTrainingLocked(store.stateDir))) return null;
  const keptAs = await checkpoints.versionKept();
  try {
    const interrupted = await checkpoints.read();
    if (!interrupted) return history && nothingKept(history);
    const { record, state } = interrupted;
    const { startedAt, settings, seconds } = record;
    const isOfNewest = history?.started.at === startedAt;
    const lost = lostMs(history, { startedAt, trainedMs: state.trainedMs });
    return {
      fraction: state.fraction,
      step: state.step,
      seconds,
      minutes: settings.minutes ?? null,
      evaluations: [...state.curve],
      labels: record.plan.labels.slice(1),
      samples: history && isOfNewest ? samplesOf(history, state.step) : [],
      lostSeconds: lost === null ? null : lost / 1000,
      unkept: history && !isOfNewest ? unkeptOf(history) : null,
      keptAs,
      replaceable: await engines.replaceable(record.engine),
      obstacle: await obstacleTo(record, store),
    };
  } catch (error) {
    // A checkpoint that cannot be read is there all the same, and can only be discarded.
    if (!(error instanceof VoxelLoopError)) throw error;
    return { ...NOTHING_KNOWN, keptAs, obstacle: error.message };
  }
}

const NOTHING_KNOWN = {
  fraction: 0,
  step: 0,
  seconds: 0,
  minutes: null,
  lostSeconds: null,
  unkept: null,
  keptAs: null,
  replaceable: null,
  evaluations: [],
  labels: [],
  samples: [],
};

/** Describes a training without a checkpoint: nothing is left of the training that was started. */
function nothingKept(history: RunHistory): InterruptedTraining {
  const { minutes } = history.started;
  const obstacle = 'nothing of it had been kept yet: start it again.';
  return { ...NOTHING_KNOWN, minutes, unkept: unkeptOf(history), obstacle };
}

function unkeptOf({ started, steps }: RunHistory): NonNullable<InterruptedTraining['unkept']> {
  return { startedAt: started.at, minutes: started.minutes, lostSeconds: (steps.at(-1)?.trainedMs ?? 0) / 1000 };
}

/**
 * Returns the samples before the checkpoint, because what is behind it will be trained again; of steps that were
 * trained twice the later ones count.
 */
function samplesOf({ steps }: RunHistory, checkpointStep: number): InterruptedTraining['samples'] {
  const samples: InterruptedTraining['samples'] = [];
  let below = checkpointStep + 1;
  for (const { step, loss, learningRate } of [...steps].reverse()) {
    if (step >= below || loss === null || learningRate === null) continue;
    samples.push({ step, loss, learningRate });
    below = step;
  }
  return [...samples.reverse().reduce(withSample, NO_CURVES).samples];
}

async function obstacleTo(record: RunRecord, store: CohortStore): Promise<string | null> {
  try {
    const place = { listing: await listCohort(store.root), home: store, store };
    if (!(await frozenData(place, record))) await checkUnchanged(place, record);
    return null;
  } catch (error) {
    if (error instanceof VoxelLoopError) return error.message;
    throw error;
  }
}
