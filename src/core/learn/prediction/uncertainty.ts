import type { VoxelGrid } from '../../geometry/grid.ts';
import type { VoxelAxis } from '../../geometry/vector.ts';
import { readSlice, sliceFrame } from '../planes/slice-frame.ts';

/**
 * Writes the doubt of each voxel: the probability of all classes but the one it was given, 0..255 for 0..1.
 *
 * @param probabilities of one slice by class
 * @param best the class that each pixel was given
 * @param target by pixel
 */
export function doubtOf(probabilities: readonly Float32Array[], best: Uint16Array, target: Uint8Array): void {
  for (let pixel = 0; pixel < best.length; pixel++) {
    // Resampled probabilities may sum to a little more than 1.
    target[pixel] = Math.round(255 * Math.min(1, Math.max(0, 1 - probabilities[best[pixel]][pixel])));
  }
}

/** Background counts as the mask's border within this many pixels of it. */
const BAND_PIXELS = 2;
/** Farther away it counts where it may be foreground: with more than this probability. */
export const POSSIBLE_FOREGROUND = 0.35 * 255;
/** A speck of doubt weighs little, as if it lay beside so many certain pixels. */
export const CERTAIN_PIXELS = 8;

/**
 * Says how unsure a network is of each slice along an axis, from 0 up to 1: the share of a slice's foreground that it
 * expects to be wrong, which is one minus the Dice that its own probabilities promise. It looks at the masks, at the
 * background within two pixels of them, and at background that may well be foreground, where a structure may have been
 * missed.
 *
 * It was measured on hippocampus (`npm run bench -- uncertainty`): it orders slices by their true Dice better than the
 * mean entropy of the boundary band or of all doubtful pixels does, because a small mask suffers more from the same
 * doubt.
 *
 * @param doubt see `doubtOf`, by voxel
 * @param classes by voxel; what is not 0 is foreground
 * @returns by slice, counted by the voxel index along `axis`
 */
export function sliceUncertainties(
  doubt: Uint8Array,
  classes: Uint8Array | Uint16Array,
  grid: VoxelGrid,
  axis: VoxelAxis,
): number[] {
  const frame = sliceFrame(grid, axis);
  const pixels = frame.rows * frame.columns;
  const doubtHere = new Int16Array(pixels);
  const classesHere = new Int16Array(pixels);
  const near = new Uint8Array(pixels);
  return Array.from({ length: frame.slices }, (_, slice) => {
    readSlice(doubt, frame, slice, doubtHere);
    readSlice(classes, frame, slice, classesHere);
    markNear(classesHere, frame.columns, near);
    let foreground = 0;
    let [inside, outside] = [0, 0];
    for (let pixel = 0; pixel < pixels; pixel++) {
      if (classesHere[pixel] > 0) {
        foreground++;
        inside += doubtHere[pixel];
      } else if (near[pixel] > 0 || doubtHere[pixel] > POSSIBLE_FOREGROUND) {
        outside += doubtHere[pixel];
      }
    }
    // The expected overlap is `foreground - inside`, the expected true foreground is that plus `outside`.
    const wrong = (inside + outside) / 255;
    return wrong / (2 * foreground + CERTAIN_PIXELS + (outside - inside) / 255);
  });
}

/** Marks the pixels within `BAND_PIXELS` rows and columns of foreground. */
export function markNear(classes: Int16Array, columns: number, near: Uint8Array): void {
  near.fill(0);
  for (let start = 0; start < classes.length; start += columns) {
    for (let column = 0; column < columns; column++) {
      if (classes[start + column] === 0) continue;
      const first = column;
      while (column < columns && classes[start + column] > 0) column++;
      const left = Math.max(0, first - BAND_PIXELS);
      const right = Math.min(columns, column + BAND_PIXELS);
      for (let row = -BAND_PIXELS; row <= BAND_PIXELS; row++) {
        const line = start + row * columns;
        if (line >= 0 && line < classes.length) near.fill(1, line + left, line + right);
      }
    }
  }
}
