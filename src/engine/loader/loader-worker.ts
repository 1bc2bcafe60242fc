import type { LabelledSlice, TrainingBatch } from '../../core/learn/samples/batch-source.ts';
import { BatchMaker } from '../../core/learn/samples/make-batch.ts';
import { PackedSlices } from '../../core/learn/samples/packed-slices.ts';
import { Endpoint, type MessageChannelPort } from '../../core/protocol/endpoint.ts';
import {
  type LoaderClientContract,
  type LoaderContract,
  type LoaderData,
  loaderClientContract,
  loaderContract,
} from './loader-contract.ts';
import { changedCase, prepareCase, preparedKey, slicePath } from './prepare-case.ts';
import { OpenSliceFile, SliceFileMissError } from './slice-file.ts';
import { SliceReader } from './slice-reader.ts';

/** A batch is tried so many times while somebody deletes slice files. */
const ATTEMPTS = 5;

/** Prepares cases and makes batches for `LoaderPool`, on a worker thread. */
export function serveLoader(
  port: MessageChannelPort,
  { preparation, cases, seed }: LoaderData,
  onDefect: (error: Error) => void,
): void {
  const reader = new SliceReader(preparation.folder, preparation.plan.neighbours);
  let keys: readonly string[] = [];
  let maker: BatchMaker | undefined;
  /** The case whose slice file `maker` found missing or damaged. */
  let missed = -1;

  const remake = async (caseIndex: number): Promise<void> => {
    const sliced = cases[caseIndex];
    const key = await preparedKey(preparation, sliced);
    if (key !== keys[caseIndex]) throw changedCase(sliced.found.files.id);
    reader.forget(key);
    await prepareCase(preparation, sliced, key);
  };

  const makeBatch = async (step: number): Promise<TrainingBatch> => {
    for (let attempt = 1; ; attempt++) {
      if (!maker) throw new Error('The loader was not started.');
      try {
        return maker.batch(step);
      } catch (error) {
        if (!(error instanceof SliceFileMissError) || attempt === ATTEMPTS) throw error;
        await remake(missed);
      }
    }
  };

  new Endpoint<LoaderContract, LoaderClientContract>(
    port,
    loaderContract,
    {
      prepare: async ({ case: caseIndex, key: expected }, { signal }) => {
        const sliced = cases[caseIndex];
        const key = await preparedKey(preparation, sliced, signal);
        if (expected !== undefined && key !== expected) throw changedCase(sliced.found.files.id);
        const known = expected === undefined ? knownSlices(preparation.folder, key) : null;
        const labelled = PackedSlices.of(known ?? (await prepareCase(preparation, sliced, key, signal)));
        return { key, labelled: bytesOf(labelled.numbers) };
      },
      start: (params) => {
        keys = params.keys;
        const table = {
          caseOf: new Int32Array(params.caseOf.buffer),
          sliceOf: new Int32Array(params.sliceOf.buffer),
          weightOf: new Float32Array(params.weightOf.buffer),
          byLabel: params.byLabel.map(({ label, samples }) => ({
            label,
            samples: new Int32Array(samples.buffer),
          })),
        };
        maker = new BatchMaker(preparation.plan, table, seed, (caseIndex, slice) => {
          missed = caseIndex;
          return { ...reader.read(keys[caseIndex], slice), slicing: cases[caseIndex].slicing };
        });
        return {};
      },
      batch: async ({ step }) => {
        const { input, target, samples } = await makeBatch(step);
        return { input: bytesOf(input.data), target: bytesOf(target.data), samples };
      },
      'on:difficulties': ({ fromStep, values }) => {
        maker?.setDifficulties(fromStep, new Float32Array(values.buffer));
      },
    },
    loaderClientContract,
    onDefect,
  );
}

/**
 * Returns the bytes of an array, which are handed over with the answer.
 * @param values fills its buffer
 */
function bytesOf({ buffer }: Float32Array | Int32Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(buffer as ArrayBuffer);
}

/** Returns what an earlier run has prepared. It is null where there is nothing that can be used. */
function knownSlices(folder: string, key: string): readonly LabelledSlice[] | null {
  try {
    const file = new OpenSliceFile(slicePath(folder, key));
    try {
      return file.readIndex(key).labelled;
    } finally {
      file.close();
    }
  } catch (error) {
    if (error instanceof SliceFileMissError) return null;
    throw error;
  }
}
