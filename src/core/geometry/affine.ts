import type { Vec3 } from './vector.ts';

/**
 * A 4x4 matrix in row-major order (16 numbers, last row 0 0 0 1) that maps one homogeneous coordinate to another.
 * The name that holds it says from where to where: `voxelToWorld` maps voxel centres (i, j, k) to RAS+ mm.
 */
export type Affine = readonly number[];

/** Applies `affine` to `point` (w = 1). */
export function transformPoint(affine: Affine, point: Vec3): Vec3 {
  const [x, y, z] = point;
  return [
    affine[0] * x + affine[1] * y + affine[2] * z + affine[3],
    affine[4] * x + affine[5] * y + affine[6] * z + affine[7],
    affine[8] * x + affine[9] * y + affine[10] * z + affine[11],
  ];
}
