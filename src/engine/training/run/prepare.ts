import { readdir } from 'node:fs/promises';
import { availableParallelism, freemem } from 'node:os';
import { join } from 'node:path';
import { type CancelSignal, throwIfCancelled } from '../../../core/cancel.ts';
import { planViews } from '../../../core/learn/plan/plan.ts';
import type { TuneCase } from '../../../core/learn/samples/batch-source.ts';
import { sampleTable } from '../../../core/learn/samples/sample-table.ts';
import type { CohortStore } from '../../../node/cohort/state/cohort-store.ts';
import { GuardedFolder } from '../../../node/files/guarded-folder.ts';
import { isMissing } from '../../../node/files/missing-file.ts';
import { parseTemporaryName } from '../../../node/files/temporary-names.ts';
import type { TrainableCase } from '../../inputs/find-cases.ts';
import { cachedCase } from '../../loader/cached-case.ts';
import { LoaderPool, type PreparedCase } from '../../loader/loader-pool.ts';
import { isSliceFileName, type Preparation, slicePath } from '../../loader/prepare-case.ts';
import { type WaitingTime, WorkerBatches } from '../../loader/worker-batches.ts';
import type { DescribedCase } from './describe-training.ts';

/** More readers than this are not needed to keep any device busy, and each has a heap of its own. */
const MOST_WORKERS = 8;
/** Volumes that are prepared at once take at most this share of the memory that is free. */
const MEMORY_SHARE = 1 / 4;
/** These are a voxel as float32 per channel, its class and its label, and what statistics are taken from. */
const BYTES_PER_VOXEL = 16;

export interface CohortToPrepare extends Preparation {
  readonly train: readonly TrainableCase[];
  readonly tune: readonly TrainableCase[];
  /** How often slices of each train case are drawn beside those of others; without it all are alike. */
  readonly caseWeights?: readonly number[] | undefined;
  readonly seed: number;
  /** The voxels of the largest case, which bound how many are prepared at once. */
  readonly largestVoxels: number;
  /** The worker is `dist/loader-worker.js`. */
  readonly workerFile: string;
  readonly signal?: CancelSignal | undefined;
  readonly log: (level: 'info', message: string) => void;
  /** Is told the share of the cases that is prepared. */
  readonly onFraction: (fraction: number) => void;
}

/** Training data on disk, and those who read it. */
export interface PreparedCohort {
  /** Closing it ends the workers; tune cases cannot be loaded after it. */
  readonly batches: WorkerBatches;
  readonly tune: readonly TuneCase[];
  /** The cases that train, in the main slicing. */
  readonly train: readonly DescribedCase[];
}

/**
 * Makes the slices of all cases, or finds those of an earlier run, and starts to read batches from them. Of the slices
 * only their places stay in memory.
 *
 * The cache holds what the last training used: slice files that are not needed now are removed.
 * @throws TrainingError if labels changed since they were found
 * @throws VolumeFileError
 * @throws FileAccessError
 * @throws CancelledError
 */
export async function prepareCohort(cohort: CohortToPrepare): Promise<PreparedCohort> {
  const { train, tune, folder, plan, ignoredValue, seed } = cohort;
  // Tuning looks at the main slicing alone: it compares weights, and often.
  const views = planViews(plan);
  const trained = views.flatMap(({ slicing }) => train.map((found) => ({ found, slicing })));
  const cases = [...trained, ...tune.map((found) => ({ found, slicing: plan.slicing }))];
  const cores = availableParallelism();
  const startPool = (threads: number) =>
    new LoaderPool(
      cohort.workerFile,
      { preparation: { plan, ignoredValue, folder }, cases, seed },
      Math.max(1, Math.min(MOST_WORKERS, threads)),
    );
  const preparing = startPool(cores);
  const prepared = await prepareAll(preparing, cases.length, cohort).finally(() => preparing.close());
  await removeSlices(folder, new Set(prepared.map(({ key }) => slicePath(folder, key))));
  // While training runs, the cores are the network's.
  const pool = startPool(Math.floor(cores / 2));
  try {
    const toTrain = prepared.slice(0, trained.length);
    const table = sampleTable(
      toTrain.map(({ labelled }) => labelled),
      cohort.caseWeights && views.flatMap(() => cohort.caseWeights as readonly number[]),
    );
    await pool.start(
      table,
      toTrain.map(({ key }) => key),
    );
    return {
      batches: new WorkerBatches(pool, table.caseOf.length, plan, (waiting) => cohort.log('info', describe(waiting))),
      tune: tune.map(({ files: { id } }, index) => {
        const caseIndex = trained.length + index;
        return cachedCase(pool, folder, { id, caseIndex, key: prepared[caseIndex].key });
      }),
      // The main slicing comes first.
      train: train.map(({ files: { id } }, index) => ({ id, ...prepared[index] })),
    };
  } catch (error) {
    await pool.close();
    throw error;
  }
}

function describe({ waitedMs, totalMs, batches }: WaitingTime): string {
  const share = totalMs > 0 ? (100 * waitedMs) / totalMs : 0;
  return `Training waited for its data ${share.toFixed(1)} % of the time (${batches} batches).`;
}

/** Prepares two cases at a time for each worker: one is read from the disk while the other is computed. */
async function prepareAll(
  pool: LoaderPool,
  count: number,
  { plan, largestVoxels, signal, onFraction }: CohortToPrepare,
): Promise<PreparedCase[]> {
  const bytesPerCase = largestVoxels * BYTES_PER_VOXEL * plan.channels.length;
  const affordable = Math.floor((freemem() * MEMORY_SHARE) / bytesPerCase);
  const atOnce = Math.max(1, Math.min(2 * pool.threads, affordable));
  const prepared = new Array<PreparedCase>(count);
  let next = 0;
  let done = 0;
  const worker = async () => {
    while (next < count) {
      throwIfCancelled(signal);
      const index = next++;
      prepared[index] = await pool.prepare(index, { signal });
      onFraction(++done / count);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, count) }, worker));
  return prepared;
}

/** Removes the slices that a cohort's cache holds, and its folder if nothing else is in it. */
export async function clearCache({ cacheFolder, cacheFiles }: CohortStore): Promise<void> {
  await removeSlices(cacheFolder, new Set());
  await cacheFiles.removeIfEmpty(cacheFolder);
}

/**
 * Removes slice files of earlier plans, of labels as they were before, and those that a process that died has left
 * half-written. It removes nothing else, because the user may have the cache on a scratch disk, among other things.
 */
async function removeSlices(folder: string, needed: ReadonlySet<string>): Promise<void> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (isMissing(error)) return [];
    throw error;
  });
  const files = new GuardedFolder(folder);
  for (const name of names) {
    if (isSliceFileName(parseTemporaryName(name)?.target ?? name) && !needed.has(join(folder, name))) {
      await files.removeFile(join(folder, name));
    }
  }
}
