import type { VoxelGrid } from '../../geometry/grid.ts';
import type { VoxelAxis } from '../../geometry/vector.ts';

/** Returns the area of all labels together, by slice along a voxel axis. */
export function sliceAreasMm2(classes: Uint8Array | Uint16Array, grid: VoxelGrid, axis: VoxelAxis): number[] {
  const { shape, spacingMm } = grid;
  const pixels = new Array<number>(shape[axis]).fill(0);
  // Along `axis`, voxels lie in stretches of `stride`.
  const stride = [1, shape[0], shape[0] * shape[1]][axis];
  for (let start = 0; start < classes.length; start += stride) {
    const slice = (start / stride) % shape[axis];
    for (let voxel = start; voxel < start + stride; voxel++) if (classes[voxel] > 0) pixels[slice]++;
  }
  const pixelMm2 = spacingMm.reduce((product, spacing, of) => (of === axis ? product : product * spacing), 1);
  return pixels.map((count) => count * pixelMm2);
}
