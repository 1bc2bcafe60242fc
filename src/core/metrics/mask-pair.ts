import type { Vec3 } from '../geometry/vector.ts';
import type { LabelExtent } from './label-extents.ts';
import type { DenseLabels } from './overlap-counter.ts';

/**
 * One label in both maps, cut to a box. A voxel is 1 in the mask and 0 outside; it is element `i + nx * (j + ny * k)`
 * of `shape`.
 */
export interface MaskPair {
  readonly shape: Vec3;
  readonly prediction: Uint8Array;
  readonly truth: Uint8Array;
}

/**
 * Cuts a label out to the bounding box of both its masks.
 * @param extent belongs to a label that occurs in one of them
 */
export function maskPair(
  prediction: DenseLabels,
  truth: DenseLabels,
  shape: Vec3,
  label: number,
  { min, max }: Pick<LabelExtent, 'min' | 'max'>,
  ignored: number | undefined,
): MaskPair {
  const [nx, ny, nz]: Vec3 = [max[0] - min[0], max[1] - min[1], max[2] - min[2]];
  const none = ignored ?? Number.NaN;
  const said = new Uint8Array(nx * ny * nz);
  const is = new Uint8Array(nx * ny * nz);
  for (let k = 0, to = 0; k < nz; k++) {
    for (let j = 0; j < ny; j++) {
      let from = min[0] + shape[0] * (min[1] + j + shape[1] * (min[2] + k));
      for (let i = 0; i < nx; i++, from++, to++) {
        const actual = truth[from];
        if (actual === none) continue;
        if (actual === label) is[to] = 1;
        if (prediction[from] === label) said[to] = 1;
      }
    }
  }
  return { shape: [nx, ny, nz], prediction: said, truth: is };
}
