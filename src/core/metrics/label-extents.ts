import type { Vec3 } from '../geometry/vector.ts';
import type { DenseLabels, OverlapCounts } from './overlap-counter.ts';

/** How many voxels one label has in prediction and truth, and where they lie. */
export interface LabelExtent extends OverlapCounts {
  /**
   * The bounding box of both masks together, in voxels: `[min, max)` along i, j, k. Without the label it is empty
   * (`min > max`).
   */
  readonly min: Vec3;
  readonly max: Vec3;
}

export interface LabelExtents {
  /** The extents are indexed by dense label, background first. */
  readonly labels: readonly LabelExtent[];
  /** This counts the voxels that are not ignored. */
  readonly countedVoxels: number;
  /** So many of them have the same label in both maps. */
  readonly rightVoxels: number;
}

/**
 * Counts and bounds all labels in one pass.
 *
 * @param shape the shape of both maps; voxel (i, j, k) is element `i + nx * (j + ny * k)`
 * @param labelCount labels from `labelCount` on are counted as wrong or right, and not each for itself
 * @param ignored voxels whose truth has this value are left out
 * @throws RangeError if a map does not fill the shape
 */
export function labelExtents(
  prediction: DenseLabels,
  truth: DenseLabels,
  shape: Vec3,
  labelCount: number,
  ignored: number | undefined,
): LabelExtents {
  const [nx, ny, nz] = shape;
  for (const { length } of [prediction, truth]) {
    if (length !== nx * ny * nz) throw new RangeError(`${length} labels do not fill ${shape.join(' x ')} voxels.`);
  }
  const predicted = new Float64Array(labelCount);
  const actual = new Float64Array(labelCount);
  const both = new Float64Array(labelCount);
  const min = [0, 1, 2].map(() => new Int32Array(labelCount).fill(0x7fffffff));
  const max = [0, 1, 2].map(() => new Int32Array(labelCount));
  const extend = (label: number, i: number, j: number, k: number) => {
    if (i < min[0][label]) min[0][label] = i;
    if (i >= max[0][label]) max[0][label] = i + 1;
    if (j < min[1][label]) min[1][label] = j;
    if (j >= max[1][label]) max[1][label] = j + 1;
    if (k < min[2][label]) min[2][label] = k;
    if (k >= max[2][label]) max[2][label] = k + 1;
  };
  const none = ignored ?? Number.NaN;
  let countedVoxels = 0;
  let rightVoxels = 0;
  let emptyVoxels = 0;
  for (let k = 0, at = 0; k < nz; k++) {
    for (let j = 0; j < ny; j++) {
      for (let i = 0; i < nx; i++, at++) {
        const is = truth[at];
        const said = prediction[at];
        if (is === none) continue;
        countedVoxels++;
        if (is === said) {
          rightVoxels++;
          if (is === 0) {
            emptyVoxels++;
            continue;
          }
          if (is > 0 && is < labelCount) {
            both[is]++;
            actual[is]++;
            predicted[is]++;
            extend(is, i, j, k);
          }
          continue;
        }
        if (is >= 0 && is < labelCount) {
          actual[is]++;
          extend(is, i, j, k);
        }
        if (said >= 0 && said < labelCount) {
          predicted[said]++;
          extend(said, i, j, k);
        }
      }
    }
  }
  both[0] += emptyVoxels;
  actual[0] += emptyVoxels;
  predicted[0] += emptyVoxels;
  const labels = Array.from(
    { length: labelCount },
    (_, label): LabelExtent => ({
      prediction: predicted[label],
      truth: actual[label],
      both: both[label],
      min: [min[0][label], min[1][label], min[2][label]],
      max: [max[0][label], max[1][label], max[2][label]],
    }),
  );
  return { labels, countedVoxels, rightVoxels };
}
