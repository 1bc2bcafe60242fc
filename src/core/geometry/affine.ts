import type { Vec3, VoxelAxis } from './vector.ts';

/**
 * A 4x4 matrix in row-major order (16 numbers, last row 0 0 0 1) that maps one homogeneous coordinate to another.
 * The name that holds it says from where to where: `voxelToWorld` maps voxel centres (i, j, k) to RAS+ mm.
 */
export type Affine = readonly number[];

export const IDENTITY_AFFINE: Affine = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];

/** Applies `affine` to `point` (w = 1). */
export function transformPoint(affine: Affine, point: Vec3): Vec3 {
  const [x, y, z] = point;
  return [
    affine[0] * x + affine[1] * y + affine[2] * z + affine[3],
    affine[4] * x + affine[5] * y + affine[6] * z + affine[7],
    affine[8] * x + affine[9] * y + affine[10] * z + affine[11],
  ];
}

/** Applies the linear part of `affine` to `direction` (w = 0): no translation. */
export function transformDirection(affine: Affine, direction: Vec3): Vec3 {
  const [x, y, z] = direction;
  return [
    affine[0] * x + affine[1] * y + affine[2] * z,
    affine[4] * x + affine[5] * y + affine[6] * z,
    affine[8] * x + affine[9] * y + affine[10] * z,
  ];
}

/** The affine that applies `first`, then `second`: the matrix product `second * first`. */
export function composeAffines(second: Affine, first: Affine): Affine {
  const product: number[] = [];
  for (let row = 0; row < 4; row++) {
    for (let column = 0; column < 4; column++) {
      let sum = 0;
      for (let inner = 0; inner < 4; inner++) sum += second[4 * row + inner] * first[4 * inner + column];
      product.push(sum);
    }
  }
  return product;
}

/** Column `axis` of the linear part: the world step from one voxel to the next along that axis. */
export function affineColumn(affine: Affine, axis: VoxelAxis): Vec3 {
  return [affine[axis], affine[4 + axis], affine[8 + axis]];
}

/** Distance between voxel centres along i, j, k: the lengths of the columns of a `voxelToWorld`. */
export function affineSpacing(affine: Affine): Vec3 {
  return [
    Math.hypot(...affineColumn(affine, 0)),
    Math.hypot(...affineColumn(affine, 1)),
    Math.hypot(...affineColumn(affine, 2)),
  ];
}

/** Determinant of the linear part; negative for a left-handed grid. */
export function affineDeterminant(affine: Affine): number {
  const [a, b, c, , d, e, f, , g, h, i] = affine;
  return a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g);
}

/**
 * Says whether `affine` can place voxels: all its numbers are finite, and its three columns span space. The determinant
 * is taken of the columns scaled to unit length, so that very small voxels are not mistaken for flat ones.
 */
export function isInvertibleAffine(affine: Affine): boolean {
  if (!affine.every(Number.isFinite)) return false;
  const [si, sj, sk] = affineSpacing(affine);
  const volume = si * sj * sk;
  return volume > 0 && Math.abs(affineDeterminant(affine)) / volume > 1e-6;
}

/**
 * The inverse map, e.g. `worldToVoxel` from `voxelToWorld`.
 * @throws RangeError if `affine` has none (see `isInvertibleAffine`; every `VoxelGrid` has one)
 */
export function invertAffine(affine: Affine): Affine {
  if (!isInvertibleAffine(affine)) throw new RangeError('This affine is singular.');
  const [a, b, c, x, d, e, f, y, g, h, i, z] = affine;
  const determinant = affineDeterminant(affine);
  // The inverse is the adjugate over the determinant; the translation is then carried through it: t' = -A^-1 t.
  const inverse = [
    e * i - f * h,
    c * h - b * i,
    b * f - c * e,
    f * g - d * i,
    a * i - c * g,
    c * d - a * f,
    d * h - e * g,
    b * g - a * h,
    a * e - b * d,
  ].map((cofactor) => cofactor / determinant);
  const [ia, ib, ic, id, ie, jf, ig, ih, ii] = inverse;
  return [
    ...[ia, ib, ic, -(ia * x + ib * y + ic * z)],
    ...[id, ie, jf, -(id * x + ie * y + jf * z)],
    ...[ig, ih, ii, -(ig * x + ih * y + ii * z)],
    ...[0, 0, 0, 1],
  ];
}
