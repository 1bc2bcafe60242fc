import type { Affine } from './affine.ts';
import type { Vec3 } from './vector.ts';

/**
 * Where the voxels of a 3-D volume lie.
 *
 * Voxel (i, j, k) is element `i + nx * (j + ny * k)` of the data (i fastest); its CENTRE lies at
 * `voxelToWorld * (i, j, k, 1)` in RAS+ millimetres.
 */
export interface VoxelGrid {
  /** Voxels along i, j, k; each at least 1. */
  readonly shape: Vec3;
  /** Distance between voxel centres along i, j, k in mm; each above 0 and finite. */
  readonly spacingMm: Vec3;
  readonly voxelToWorld: Affine;
}

/** Number of voxels. Below 2^53, but may be above 2^31: never store an offset in an int32. */
export function voxelCount(grid: Pick<VoxelGrid, 'shape'>): number {
  return grid.shape[0] * grid.shape[1] * grid.shape[2];
}
