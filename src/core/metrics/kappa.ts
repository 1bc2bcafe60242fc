import type { OverlapCounts } from './overlap-counter.ts';

/**
 * Cohen's kappa (Cohen 1960) is how far two people agree beyond what their marginals would give by chance,
 * `(observed - expected) / (1 - expected)`. It is 1 for people who always agree, 0 for those who agree as chance would
 * have it, and negative below that.
 *
 * It is NaN where nothing is left to chance (`expected` is 1: both use one and the same label for every voxel), as
 * scikit-learn's `cohen_kappa_score` has it.
 */
function kappa(observed: number, expected: number): number {
  return expected === 1 ? Number.NaN : (observed - expected) / (1 - expected);
}

/**
 * Computes the kappa of one label against everything else.
 * @param counts voxels of the label in the one map, in the other, and in both
 * @param voxels all voxels that count, background included
 */
export function labelKappa({ prediction, truth, both }: OverlapCounts, voxels: number): number {
  const observed = (voxels - prediction - truth + 2 * both) / voxels;
  const expected = (prediction * truth + (voxels - prediction) * (voxels - truth)) / voxels ** 2;
  return kappa(observed, expected);
}

/**
 * Computes the kappa over all labels at once.
 * @param counts by label, background among them: every voxel counts once in each map
 */
export function overallKappa(counts: readonly OverlapCounts[]): number {
  let voxels = 0;
  let agreeing = 0;
  let chance = 0;
  for (const { prediction, truth, both } of counts) {
    voxels += truth;
    agreeing += both;
    chance += prediction * truth;
  }
  return kappa(agreeing / voxels, chance / voxels ** 2);
}
