import type { Vec3 } from '../geometry/vector.ts';
import type { SurfaceScores } from './case-scores.ts';
import type { MaskPair } from './mask-pair.ts';
import { nearestDistancesMm } from './nearest-distances.ts';
import { quantile } from './quantile.ts';

/** The scores where the label is in neither mask. */
export const UNDEFINED_SURFACE: SurfaceScores = {
  hdMm: Number.NaN,
  hd95Mm: Number.NaN,
  meanSurfaceDistanceMm: Number.NaN,
  surfaceDice: Number.NaN,
};

/** The scores where the label is in exactly one mask. */
export const ONE_SIDED_SURFACE: SurfaceScores = {
  hdMm: Number.POSITIVE_INFINITY,
  hd95Mm: Number.POSITIVE_INFINITY,
  meanSurfaceDistanceMm: Number.POSITIVE_INFINITY,
  surfaceDice: 0,
};

/** @param masks neither of the two is empty */
export function surfaceScores(
  { prediction, truth, shape }: MaskPair,
  spacingMm: Vec3,
  toleranceMm: number,
): SurfaceScores {
  const predictedSurface = surfaceOf(prediction, shape);
  const trueSurface = surfaceOf(truth, shape);
  const forth = nearestDistancesMm(trueSurface, predictedSurface, shape, spacingMm).sort();
  const back = nearestDistancesMm(predictedSurface, trueSurface, shape, spacingMm).sort();
  const sum = (values: Float64Array) => values.reduce((total, value) => total + value, 0);
  const within = (values: Float64Array) => values.filter((value) => value <= toleranceMm).length;
  const voxels = forth.length + back.length;
  return {
    hdMm: Math.max(forth[forth.length - 1], back[back.length - 1]),
    hd95Mm: Math.max(quantile(forth, 0.95), quantile(back, 0.95)),
    meanSurfaceDistanceMm: (sum(forth) + sum(back)) / voxels,
    surfaceDice: (within(forth) + within(back)) / voxels,
  };
}

/**
 * Marks the voxels of the mask that have one of their six neighbours outside it; the outside of the volume counts as
 * outside the mask.
 */
export function surfaceOf(mask: Uint8Array, [nx, ny, nz]: Vec3): Uint8Array {
  const surface = new Uint8Array(mask.length);
  const plane = nx * ny;
  for (let k = 0, at = 0; k < nz; k++) {
    for (let j = 0; j < ny; j++) {
      const atEdge = k === 0 || k === nz - 1 || j === 0 || j === ny - 1;
      for (let i = 0; i < nx; i++, at++) {
        if (mask[at] === 0) continue;
        const inside =
          !atEdge &&
          i > 0 &&
          i < nx - 1 &&
          mask[at - 1] !== 0 &&
          mask[at + 1] !== 0 &&
          mask[at - nx] !== 0 &&
          mask[at + nx] !== 0 &&
          mask[at - plane] !== 0 &&
          mask[at + plane] !== 0;
        if (!inside) surface[at] = 1;
      }
    }
  }
  return surface;
}
