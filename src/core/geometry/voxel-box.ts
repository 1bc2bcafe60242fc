import type { Vec3 } from './vector.ts';

/** Voxels `[from, to)` along i, j, k. */
export interface VoxelBox {
  readonly from: Vec3;
  readonly to: Vec3;
}

export function boxVoxels({ from, to }: VoxelBox): number {
  return (to[0] - from[0]) * (to[1] - from[1]) * (to[2] - from[2]);
}
