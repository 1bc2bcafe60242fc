import type { OverlapCounts } from './overlap-counter.ts';

/**
 * Dice similarity coefficient `2 |A and B| / (|A| + |B|)` (Dice 1945). It is NaN where the label is absent from both
 * masks: there is nothing to be right or wrong about, and calling it 1 would let empty cases lift a mean (as nnU-Net
 * has it).
 */
export function dice({ prediction, truth, both }: OverlapCounts): number {
  return (2 * both) / (prediction + truth);
}

/**
 * Intersection over union `|A and B| / |A or B|` (Jaccard 1901). It is NaN where the label is absent from both masks.
 */
export function iou({ prediction, truth, both }: OverlapCounts): number {
  return both / (prediction + truth - both);
}

/** Returns the mean of the values that are not NaN, and NaN if there are none. */
export function definedMean(values: readonly number[]): number {
  const defined = values.filter((value) => !Number.isNaN(value));
  return defined.reduce((sum, value) => sum + value, 0) / defined.length;
}
