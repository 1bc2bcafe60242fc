import { encodeImageHeader } from '../../src/core/formats/nifti/image-header.ts';
import type { VoxelGrid } from '../../src/core/geometry/grid.ts';
import type { Vec3 } from '../../src/core/geometry/vector.ts';
import { VOXEL_TYPES } from '../../src/core/volume/voxel-type.ts';

/** An axis-aligned RAS grid whose first voxel's centre is at `originMm`. */
export function tinyGrid(shape: Vec3, spacingMm: Vec3 = [1, 1, 1], originMm: Vec3 = [0, 0, 0]): VoxelGrid {
  const [dx, dy, dz] = spacingMm;
  const [x, y, z] = originMm;
  return { shape, spacingMm, voxelToWorld: [dx, 0, 0, x, 0, dy, 0, y, 0, 0, dz, z, 0, 0, 0, 1] };
}

/** A plain NIfTI file of signed 16-bit values, element `i + nx * (j + ny * k)`. */
export function shortVolume(grid: VoxelGrid, values: ArrayLike<number>): Uint8Array {
  const voxels = Int16Array.from(values);
  return Buffer.concat([encodeImageHeader(grid, VOXEL_TYPES.i16), new Uint8Array(voxels.buffer)]);
}
