import { type Affine, isInvertibleAffine } from '../geometry/affine.ts';
import type { Vec3 } from '../geometry/vector.ts';

/** These signs lead to RAS from a space whose axes point left, posterior and superior, as ITK has it. */
export const LPS_SIGNS: Vec3 = [-1, -1, 1];

/**
 * Makes the affine to RAS of a space whose axes differ from RAS by their sign alone.
 *
 * @param axes by voxel axis, one step along it, in mm
 * @returns null where the axes span no space (they are not finite, or flat)
 */
export function affineOfAxes(axes: readonly [Vec3, Vec3, Vec3], origin: Vec3, signs: Vec3): Affine | null {
  const row = (n: number) => [axes[0][n], axes[1][n], axes[2][n], origin[n]].map((value) => value * signs[n] + 0);
  const affine = [...row(0), ...row(1), ...row(2), 0, 0, 0, 1];
  return isInvertibleAffine(affine) ? affine : null;
}

/** Makes voxel sizes usable: they are above 0 and finite, and 1 where they were not. */
export function usableSizes(sizes: readonly (number | undefined)[]): Vec3 {
  const usable = [0, 1, 2].map((axis) => {
    const size = Math.abs(sizes[axis] ?? 1);
    return size > 1e-9 && size < 1e9 ? size : 1;
  });
  return usable as unknown as Vec3;
}

/** Returns the axis that two others leave, one mm long, for a volume of one slice. */
export function thirdAxis(a: Vec3, b: Vec3): Vec3 {
  const cross: Vec3 = [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
  const length = Math.hypot(...cross);
  return length > 0 ? [cross[0] / length, cross[1] / length, cross[2] / length] : [0, 0, 1];
}
