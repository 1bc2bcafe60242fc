import { VoxelLoopError } from '../../core/errors.ts';
import type { InterruptedTraining, TrainParams } from '../../core/protocol/engine-contract.ts';
import { listCohort } from '../../node/cohort-folder.ts';
import { CohortStore } from '../../node/cohort-store.ts';
import { TrainingLockedError } from '../../node/training-lock.ts';
import type { Engines } from '../engines.ts';
import { CheckpointFolder } from '../training/checkpoint-folder.ts';
import type { RunRecord } from '../training/run-record.ts';
import { checkUnchanged, frozenData } from '../training/training-data.ts';

/**
 * The training of a cohort that was interrupted, and whether it can go on; null: there is none, or one is running.
 * @throws FileAccessError, CohortFolderError
 */
export async function interruptedTraining(
  { cohortRoot, outDir }: Pick<TrainParams, 'cohortRoot' | 'outDir'>,
  engines: Engines,
): Promise<InterruptedTraining | null> {
  const store = new CohortStore(cohortRoot, outDir);
  const checkpoints = new CheckpointFolder(store);
  if (!(await checkpoints.exists()) || (await isTraining(store))) return null;
  const keptAs = await checkpoints.versionKept();
  try {
    const interrupted = await checkpoints.read();
    if (!interrupted) return null;
    const { record, state } = interrupted;
    return {
      fraction: state.fraction,
      step: state.step,
      seconds: record.seconds,
      minutes: record.settings.minutes ?? null,
      evaluations: [...state.curve],
      keptAs,
      replaceable: await engines.replaceable(record.engine),
      obstacle: await obstacleTo(record, store),
    };
  } catch (error) {
    // A checkpoint that cannot be read is there all the same, and can only be discarded.
    if (!(error instanceof VoxelLoopError)) throw error;
    const unknown = { fraction: 0, step: 0, seconds: 0, minutes: null, evaluations: [], replaceable: null };
    return { ...unknown, keptAs, obstacle: error.message };
  }
}

async function isTraining(store: CohortStore): Promise<boolean> {
  try {
    await (await store.lockTraining()).release();
    return false;
  } catch (error) {
    if (error instanceof TrainingLockedError) return true;
    throw error;
  }
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
