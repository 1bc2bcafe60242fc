import { neighbourSlices } from '../../core/learn/planes/plane-source.ts';
import type { StoredSlice } from '../../core/learn/planes/stored-slice.ts';
import { slicePath } from './prepare-case.ts';
import { inflateInto, OpenSliceFile, type SliceIndex } from './slice-file.ts';

/** Indices are kept for so many slices, at 16 bytes each. */
const INDEXED_SLICES = 1 << 17;

/** Reads samples from slice files, one slice with its neighbours at a time. It blocks the thread. */
export class SliceReader {
  /** The longest unused comes first. */
  readonly #indices = new Map<string, SliceIndex>();
  #indexed = 0;

  constructor(
    private readonly folder: string,
    private readonly neighbours: number,
  ) {}

  /**
   * @throws SliceFileMissError if the file is to be made anew
   * @throws FileAccessError
   */
  read(key: string, slice: number): Omit<StoredSlice, 'slicing'> {
    const file = new OpenSliceFile(slicePath(this.folder, key));
    try {
      const index = this.#index(key, file);
      const { rows, columns, channels, pixelAspect } = index.facts;
      const around = neighbourSlices(index.facts, slice, this.neighbours);
      const length = channels * rows * columns;
      const planes = new Int16Array(around.length * length);
      around.forEach((neighbour, position) => {
        const target = planes.subarray(position * length, (position + 1) * length);
        // At the volume's end the outermost slice is there twice.
        const known = around.indexOf(neighbour);
        if (known < position) target.set(planes.subarray(known * length, (known + 1) * length));
        else inflateInto(file.read(index.planes(neighbour)), target);
      });
      const classes = new Int16Array(rows * columns);
      inflateInto(file.read(index.classes(slice)), classes);
      return { rows, columns, planes, classes, pixelAspect };
    } catch (error) {
      this.forget(key);
      throw error;
    } finally {
      file.close();
    }
  }

  /** Forgets a file that was made anew. */
  forget(key: string): void {
    const index = this.#indices.get(key);
    if (!index) return;
    this.#indices.delete(key);
    this.#indexed -= index.facts.slices;
  }

  #index(key: string, file: OpenSliceFile): SliceIndex {
    const index = this.#indices.get(key) ?? file.readIndex(key).index;
    this.forget(key);
    this.#indices.set(key, index);
    this.#indexed += index.facts.slices;
    for (const oldest of this.#indices.keys()) {
      if (this.#indexed <= INDEXED_SLICES || oldest === key) break;
      this.forget(oldest);
    }
    return index;
  }
}
