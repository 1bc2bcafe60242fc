import type { VoxelSource } from '../../src/core/volume/voxel-source.ts';
import { VOXEL_TYPES, type VoxelEncoding } from '../../src/core/volume/voxel-type.ts';

/** Voxels in memory, cut into slabs of `voxelsPerSlab`; every other slab comes late, as from a stream. */
export function arrayVoxels(
  encoding: VoxelEncoding,
  bytes: Uint8Array,
  options: { readonly voxelsPerSlab?: number; readonly slope?: number; readonly intercept?: number } = {},
): VoxelSource & { readonly asked: Set<number> } {
  const datatype = VOXEL_TYPES[encoding];
  const voxelCount = bytes.length / datatype.bytesPerVoxel;
  const voxelsPerSlab = options.voxelsPerSlab ?? voxelCount;
  const asked = new Set<number>();
  return {
    datatype,
    scaling: { slope: options.slope ?? 1, intercept: options.intercept ?? 0 },
    voxelCount,
    voxelsPerSlab,
    asked,
    slab: (index) => {
      asked.add(index);
      const width = voxelsPerSlab * datatype.bytesPerVoxel;
      const slab = bytes.slice(index * width, (index + 1) * width);
      return index % 2 === 0 ? slab : Promise.resolve(slab);
    },
  };
}
