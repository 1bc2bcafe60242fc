import { transformPoint } from '../../core/geometry/affine.ts';
import type { VoxelGrid } from '../../core/geometry/grid.ts';
import type { Vec3 } from '../../core/geometry/vector.ts';

/** Writes the world position of a voxel centre in RAS+ mm, for instance "−12.5, 3.0, 40.2". */
export function worldCoordinates(grid: VoxelGrid, voxel: Vec3): string {
  return transformPoint(grid.voxelToWorld, voxel)
    .map((mm) =>
      mm
        .toFixed(1)
        .replace(/^-0\.0$/, '0.0')
        .replace('-', '\u2212'),
    )
    .join(', ');
}

/** Writes a value in a width that suits it: integers whole, others with four significant digits. */
export function valueText(value: number | readonly [number, number, number]): string {
  if (typeof value !== 'number') return `RGB ${value.join(' ')}`;
  if (Number.isNaN(value)) return 'not a number';
  if (!Number.isFinite(value)) return value > 0 ? '+infinity' : '\u2212infinity';
  const text =
    Number.isInteger(value) && Math.abs(value) < 1e9 ? String(value) : Number(value.toPrecision(4)).toString();
  return text.replace('-', '\u2212');
}
