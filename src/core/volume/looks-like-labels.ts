import { VoxelLoopError } from '../errors.ts';

/** An image that is to be predicted holds what a label map holds. */
export class LooksLikeLabelsError extends VoxelLoopError {
  readonly code = 'looks-like-labels';
}

/** A picture of anatomy has hundreds of grey values; label maps of more labels than this are told by their names. */
const MOST_VALUES = 32;

/** Gathers the values of an image as long as it may be a label map: few, whole and not negative. */
export class LabelLikeValues {
  readonly #values = new Set<number>();
  #last = Number.NaN;
  #isImage = false;

  /** @returns whether it may still be a label map; if not, the rest need not be taken */
  take(voxels: ArrayLike<number>): boolean {
    for (let n = 0; n < voxels.length && !this.#isImage; n++) {
      const value = voxels[n];
      // Neighbours mostly share a value.
      if (value === this.#last) continue;
      this.#last = value;
      this.#values.add(value);
      this.#isImage = !(Number.isInteger(value) && value >= 0) || this.#values.size > MOST_VALUES;
    }
    return !this.#isImage;
  }

  /**
   * The values, ascending. It is null for an image. A single value is neither an image nor a label map that says
   * anything.
   */
  get values(): readonly number[] | null {
    return this.#isImage ? null : [...this.#values].sort((a, b) => a - b);
  }
}

/**
 * Counts the values of an image that may be a label map: there are no more than 32 different ones, whole and not
 * negative. It is null for an image. One value everywhere is neither.
 */
export function valuesLikeLabels(voxels: Float32Array): number | null {
  const found = new LabelLikeValues();
  found.take(voxels);
  const count = found.values?.length ?? 0;
  return count > 1 ? count : null;
}
