import type { VoxelGrid } from '../../geometry/grid.ts';
import type { VoxelAxis } from '../../geometry/vector.ts';
import { readSlice, sliceFrame } from '../planes/slice-frame.ts';
import { CERTAIN_PIXELS, markNear, POSSIBLE_FOREGROUND } from './uncertainty.ts';

/** A spread of 1 would be so many steps of a byte: 255 stands for 1/2, the most that there is. */
const SPREAD_STEPS = 510;
/**
 * Where opinions lie farther apart than this (a standard deviation of 0.14), some of them may have seen a label. A
 * trace of difference all over the background does not count.
 */
const SEEN_BY_SOME = 0.02 * SPREAD_STEPS;

/** What several opinions of a volume differ in. */
export interface Disagreement {
  /** The spread by voxel, as `spreadBytes` writes it. */
  readonly spread: Uint8Array;
  /** There are at least 2. */
  readonly opinions: number;
}

/** Writes a spread (`OpinionSpread`) as bytes, for a whole volume. */
export function spreadBytes(spread: Float32Array, target: Uint8Array): void {
  for (let pixel = 0; pixel < spread.length; pixel++) {
    target[pixel] = Math.min(255, Math.round(spread[pixel] * SPREAD_STEPS));
  }
}

/**
 * Says how much several opinions of each slice disagree, 0..1: one minus the Dice of any two of them, taken over all
 * pairs together (sum of what differs over the sum of sizes). For certain opinions that is exact; probabilities count
 * by their squared difference, so that what all are equally unsure of is no disagreement.
 *
 * Opinions are what the model says from its several slicings and mirror images anyway, so this costs next to nothing. A
 * few pixels that differ weigh little: as if beside 8 that all agree on, as in `sliceUncertainties`.
 *
 * @param doubt see `doubtOf`, by voxel
 * @param classes by voxel, before or after clean-up
 * @returns by slice, counted by the voxel index along `axis`
 */
export function sliceDisagreements(
  { spread, opinions }: Disagreement,
  doubt: Uint8Array,
  classes: Uint8Array | Uint16Array,
  grid: VoxelGrid,
  axis: VoxelAxis,
): number[] {
  const frame = sliceFrame(grid, axis);
  const pixels = frame.rows * frame.columns;
  const spreadHere = new Int16Array(pixels);
  const doubtHere = new Int16Array(pixels);
  const classesHere = new Int16Array(pixels);
  const near = new Uint8Array(pixels);
  return Array.from({ length: frame.slices }, (_, slice) => {
    readSlice(spread, frame, slice, spreadHere);
    readSlice(doubt, frame, slice, doubtHere);
    readSlice(classes, frame, slice, classesHere);
    markNear(classesHere, frame.columns, near);
    /** `expected` is the foreground of the mean opinion. */
    let [differing, expected] = [0, 0];
    for (let pixel = 0; pixel < pixels; pixel++) {
      const isForeground = classesHere[pixel] > 0;
      const mayBe = near[pixel] > 0 || doubtHere[pixel] > POSSIBLE_FOREGROUND || spreadHere[pixel] > SEEN_BY_SOME;
      if (!isForeground && !mayBe) continue;
      differing += spreadHere[pixel];
      expected += isForeground ? 255 - doubtHere[pixel] : doubtHere[pixel];
    }
    // The mean squared difference of a pair is twice the variance, where no opinion is paired with itself.
    const ofPair = (2 * (opinions / (opinions - 1)) * differing) / SPREAD_STEPS;
    return Math.min(1, ofPair / ((2 * expected) / 255 + CERTAIN_PIXELS));
  });
}
