import { mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type PredictionQueueRecord, predictionQueueRecord } from '../core/cohort/review/prediction-queue.ts';
import type { CohortStore } from './cohort-store.ts';
import { withFileErrors } from './file-errors.ts';
import { readRecordFile, writeRecordFile } from './record-file.ts';

/** What is left of predicting the cohort; lies among the proposals, which git ignores. */
function pathOf({ stateDir }: CohortStore): string {
  return join(stateDir, 'proposals', 'queue.json');
}

/** Null: there is nothing to go on with. @throws RecordError, FileAccessError */
export function readPredictionQueue(store: CohortStore): Promise<PredictionQueueRecord | null> {
  return readRecordFile(predictionQueueRecord, pathOf(store));
}

/** @param record null: nothing is left. @throws FileAccessError */
export async function writePredictionQueue(store: CohortStore, record: PredictionQueueRecord | null): Promise<void> {
  const path = pathOf(store);
  if (record === null) {
    await withFileErrors('write', path, rm(path, { force: true }));
    return;
  }
  await store.prepare();
  await withFileErrors('write', path, mkdir(dirname(path), { recursive: true }));
  await writeRecordFile(path, record);
}
