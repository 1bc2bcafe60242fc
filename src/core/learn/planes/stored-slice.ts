import type { Slicing } from '../plan/plan.ts';

/** A unit of normalised intensity is so many steps in stored planes: a 16-bit number holds -32..32 to a thousandth. */
export const STORED_PER_UNIT = 1023;
const LARGEST_STORED = 32;

/** Everything that one sample is made of, at the slice's natural size. */
export interface StoredSlice {
  /** The volume was cut like this. */
  readonly slicing: Slicing;
  readonly rows: number;
  readonly columns: number;
  /**
   * Intensities times `STORED_PER_UNIT`: `[slice offset -n..n, channel, row, column]`, with the offsets in the positive
   * world direction.
   */
  readonly planes: Int16Array;
  /** `[row, column]` of the slice in the middle; -1 is ignored. */
  readonly classes: Int16Array;
  /** The height of a pixel over its width, both in mm. */
  readonly pixelAspect: number;
}

/** Writes normalised intensities as they are stored; a value out of reach becomes the nearest one that is not. */
export function toStored(values: Float32Array): Int16Array {
  const stored = new Int16Array(values.length);
  for (let index = 0; index < values.length; index++) {
    const value = Math.min(LARGEST_STORED, Math.max(-LARGEST_STORED, values[index]));
    stored[index] = Math.round(value * STORED_PER_UNIT);
  }
  return stored;
}
