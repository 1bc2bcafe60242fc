import type { CancelSignal } from '../../core/cancel.ts';
import { STORED_PER_UNIT } from '../../core/learn/planes/stored-slice.ts';
import type { LabelledPlanes, LabelledSlice, TuneCase } from '../../core/learn/samples/batch-source.ts';
import type { LoaderPool } from './loader-pool.ts';
import { slicePath } from './prepare-case.ts';
import { inflateInto, readSliceFile, SliceFileMissError, type SliceIndex } from './slice-file.ts';

/** The planes of so many slices are kept inflated, because neighbours are read one after the other. */
const KEPT_SLICES = 8;

/** A case to tune on, read from its slice file, which is made anew where it is gone or damaged. */
export function cachedCase(
  pool: LoaderPool,
  folder: string,
  found: { readonly id: string; readonly caseIndex: number; readonly key: string },
): TuneCase {
  const { id, caseIndex, key } = found;
  const read = async () => {
    const { index, labelled, bytes } = await readSliceFile(slicePath(folder, key), key);
    return new FilePlanes(id, index, labelled, bytes);
  };
  return {
    id,
    load: async (signal?: CancelSignal) => {
      try {
        return await read();
      } catch (error) {
        if (!(error instanceof SliceFileMissError)) throw error;
      }
      await pool.prepare(caseIndex, { key, signal });
      return read();
    },
  };
}

/** Gives the planes of a slice file that lies in memory as it is on disk; they are inflated when asked for. */
class FilePlanes implements LabelledPlanes {
  readonly slices: number;
  readonly neighbourStep: 1 | -1;
  readonly rows: number;
  readonly columns: number;
  readonly channels: number;
  readonly #recent = new Map<number, Int16Array>();

  constructor(
    readonly id: string,
    private readonly index: SliceIndex,
    readonly labelled: readonly LabelledSlice[],
    private readonly bytes: Buffer,
  ) {
    const { slices, neighbourStep, rows, columns, channels } = index.facts;
    this.slices = slices;
    this.neighbourStep = neighbourStep;
    this.rows = rows;
    this.columns = columns;
    this.channels = channels;
  }

  readPlane(slice: number, target: Float32Array, offset: number): void {
    let stored = this.#recent.get(slice);
    if (!stored) {
      stored = new Int16Array(this.channels * this.rows * this.columns);
      this.#inflate(this.index.planes(slice), stored);
      this.#recent.set(slice, stored);
      // A Map iterates in insertion order, so the first key is the oldest.
      if (this.#recent.size > KEPT_SLICES) this.#recent.delete(this.#recent.keys().next().value as number);
    }
    for (let index = 0; index < stored.length; index++) target[offset + index] = stored[index] * (1 / STORED_PER_UNIT);
  }

  target(slice: number): Int16Array {
    const classes = new Int16Array(this.rows * this.columns);
    this.#inflate(this.index.classes(slice), classes);
    return classes;
  }

  #inflate({ start, bytes }: { readonly start: number; readonly bytes: number }, target: Int16Array): void {
    inflateInto(this.bytes.subarray(start, start + bytes), target);
  }
}
