import { transformPoint } from './affine.ts';
import type { VoxelGrid } from './grid.ts';
import type { Vec3 } from './vector.ts';

/**
 * Says how two grids differ: in their numbers of voxels (`shape`), or only in where the voxels lie (`position`: some
 * corner of the volume is more than a tenth of a voxel away from where the other grid has it). It is undefined where
 * they are one grid.
 */
export function gridDifference(a: VoxelGrid, b: VoxelGrid): 'shape' | 'position' | undefined {
  if (a.shape.some((extent, axis) => extent !== b.shape[axis])) return 'shape';
  const tolerance = 0.1 * Math.min(...a.spacingMm, ...b.spacingMm);
  return largestShiftMm(a, b) > tolerance ? 'position' : undefined;
}

/**
 * Says how far apart two grids of one shape place the same voxel at most. Only corners are looked at, because the
 * difference of two affine maps is largest at a corner.
 */
export function largestShiftMm(a: VoxelGrid, b: VoxelGrid): number {
  const [ni, nj, nk] = a.shape;
  let largest = 0;
  for (const i of [0, ni - 1]) {
    for (const j of [0, nj - 1]) {
      for (const k of [0, nk - 1]) {
        const corner: Vec3 = [i, j, k];
        const [ax, ay, az] = transformPoint(a.voxelToWorld, corner);
        const [bx, by, bz] = transformPoint(b.voxelToWorld, corner);
        largest = Math.max(largest, Math.hypot(ax - bx, ay - by, az - bz));
      }
    }
  }
  return largest;
}
