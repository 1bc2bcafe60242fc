import { dirname, join } from 'node:path';
import { type PredictionQueueRecord, predictionQueueRecord } from '../../../core/cohort/review/prediction-queue.ts';
import { VoxelLoopError } from '../../../core/errors.ts';
import { type ProcessLock, takeLock } from '../../files/process-lock.ts';
import { readRecordFile } from '../../files/record-file.ts';
import type { CohortStore } from '../state/cohort-store.ts';

/** The queue lists what is left of predicting the cohort; it lies among the proposals, which git ignores. */
function pathOf({ stateDir }: CohortStore): string {
  return join(stateDir, 'proposals', 'queue.json');
}

/** Another window is predicting this cohort. */
export class PredictionLockedError extends VoxelLoopError {
  readonly code = 'prediction-locked';
}

/**
 * Locks a cohort for `Predict Cohort`: only one window at a time works on its queue (`takeLock`).
 * @throws PredictionLockedError, UnsafePathError, FileAccessError
 */
export async function lockPredictionQueue(store: CohortStore): Promise<ProcessLock> {
  const path = join(dirname(pathOf(store)), 'queue.lock');
  await store.prepare();
  await store.files.makeFolder(dirname(path));
  const taken = await takeLock(path, store.files);
  if ('release' in taken) return taken;
  const { heldBy: by } = taken;
  throw new PredictionLockedError(
    by
      ? `Another window is predicting this cohort (process ${by.pid} on ${by.host}, since ${by.since}): wait for it or stop it there. If no such process is yours, remove ${path}.`
      : `Another window is predicting this cohort: wait for it or stop it there. If none is, remove ${path}.`,
  );
}

/** Reads the queue; it is null where there is nothing to go on with. @throws RecordError, FileAccessError */
export function readPredictionQueue(store: CohortStore): Promise<PredictionQueueRecord | null> {
  return readRecordFile(predictionQueueRecord, pathOf(store));
}

/** @param record null if nothing is left. @throws UnsafePathError, FileAccessError */
export async function writePredictionQueue(store: CohortStore, record: PredictionQueueRecord | null): Promise<void> {
  const path = pathOf(store);
  if (record === null) {
    await store.files.removeFile(path);
    return;
  }
  await store.prepare();
  await store.files.makeFolder(dirname(path));
  await store.files.saveRecord(path, record);
}
