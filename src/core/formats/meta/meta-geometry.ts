import type { Affine } from '../../geometry/affine.ts';
import type { Vec3 } from '../../geometry/vector.ts';
import { NO_ORIENTATION } from '../../volume/volume-header.ts';
import { numbersOf } from '../claimed-numbers.ts';
import { affineOfAxes, LPS_SIGNS, usableSizes } from '../lps-geometry.ts';
import type { MetaFields } from './meta-fields.ts';

export interface MetaGeometry {
  readonly voxelToWorld: Affine;
  /** The field that the geometry comes from. */
  readonly source: 'TransformMatrix' | 'ElementSpacing';
  readonly isOriented: boolean;
  /** Sentences for the user. */
  readonly warnings: readonly string[];
}

/**
 * Says where the voxels lie: each row of the matrix is the direction of a voxel axis in LPS, and the offset is the
 * centre of the first voxel. In a volume with time, the first three axes count.
 *
 * @param axes how many the file has
 * @throws VolumeFileError
 */
export function metaGeometry({ fields }: MetaFields, axes: number): MetaGeometry {
  const warnings: string[] = [];
  const first = (...names: string[]) => names.find((name) => fields.has(name));
  const numbers = (name: string | undefined, count: number) =>
    name === undefined ? undefined : numbersOf(fields.get(name) ?? '', name, count);
  const sizes = numbers(first('elementspacing', 'elementsize'), axes) ?? [];
  const offset = numbers(first('offset', 'position', 'origin'), axes) ?? [];
  const matrix = numbers(first('transformmatrix', 'rotation', 'orientation'), axes * axes);
  const spacing = usableSizes(sizes);
  if (sizes.slice(0, 3).some((size, axis) => Math.abs(size) !== spacing[axis])) {
    warnings.push('This file gives no voxel size along some axis; 1 is assumed there.');
  }
  const origin = [0, 1, 2].map((axis) => (Number.isFinite(offset[axis]) ? offset[axis] : 0)) as unknown as Vec3;
  const axisOf = (axis: number): Vec3 => {
    const row = [0, 1, 2].map((n) =>
      axis < axes && n < axes ? (matrix?.[axis * axes + n] ?? Number(axis === n)) : Number(axis === n),
    );
    return row.map((value) => value * spacing[axis]) as unknown as Vec3;
  };
  const directed = affineOfAxes([axisOf(0), axisOf(1), axisOf(2)], origin, LPS_SIGNS);
  if (directed && matrix) {
    return { voxelToWorld: directed, source: 'TransformMatrix', isOriented: true, warnings };
  }
  if (!directed) {
    warnings.push('The TransformMatrix of this file is unusable (not finite or flat); the voxel size is used instead.');
  }
  warnings.push(NO_ORIENTATION);
  const [x, y, z] = spacing;
  const spaced = affineOfAxes(
    [
      [x, 0, 0],
      [0, y, 0],
      [0, 0, z],
    ],
    origin,
    LPS_SIGNS,
  ) as Affine;
  return { voxelToWorld: spaced, source: 'ElementSpacing', isOriented: false, warnings };
}
