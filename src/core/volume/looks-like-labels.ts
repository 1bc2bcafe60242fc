import { VoxelLoopError } from '../errors.ts';

/** An image that is to be predicted and holds what a label map holds. */
export class LooksLikeLabelsError extends VoxelLoopError {
  readonly code = 'looks-like-labels';
}

/** A picture of anatomy has hundreds of grey values; label maps of more labels than this are told by their names. */
const MOST_VALUES = 32;

/**
 * How many values an image holds, where it may be a label map: no more than 32 different ones, whole and not negative. Null:
 * it is an image. One value everywhere is neither.
 */
export function valuesLikeLabels(voxels: Float32Array): number | null {
  const values = new Set<number>();
  let last = Number.NaN;
  for (const value of voxels) {
    // Neighbours mostly share a value.
    if (value === last) continue;
    last = value;
    if (!(Number.isInteger(value) && value >= 0)) return null;
    values.add(value);
    if (values.size > MOST_VALUES) return null;
  }
  return values.size > 1 ? values.size : null;
}
