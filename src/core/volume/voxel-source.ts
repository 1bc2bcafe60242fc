import type { VoxelType } from './voxel-type.ts';

/**
 * The voxels of a file, time points one after the other: voxel (i, j, k) of time point t is number
 * `i + nx * (j + ny * (k + nz * t))`. They come in slabs of `voxelsPerSlab` consecutive voxels (the last may be
 * shorter), because one buffer cannot hold a large volume, and because a slab can be used before the next is there.
 */
export interface VoxelSource {
  readonly datatype: VoxelType;
  /** Real-world value = stored * slope + intercept. */
  readonly scaling: { readonly slope: number; readonly intercept: number };
  /** The number of voxels of all time points. */
  readonly voxelCount: number;
  readonly voxelsPerSlab: number;
  /**
   * Returns the bytes of slab `index` in little-endian order, at an address that suits the datatype (a multiple of 8).
   * They must not be changed. A slab that has not been loaded yet is waited for; it rejects where it cannot be.
   */
  slab(index: number): Uint8Array | Promise<Uint8Array>;
}

/** Returns how many slabs `source` has. */
export function slabCount(source: Pick<VoxelSource, 'voxelCount' | 'voxelsPerSlab'>): number {
  return Math.ceil(source.voxelCount / source.voxelsPerSlab);
}

/**
 * Visits `count` voxels from number `start` on, `stride` (at least 1) apart, slab by slab in ascending order.
 * `visit` gets the slab, the place of the first voxel within it, how many follow there (itself included), and how many
 * were visited before.
 */
export async function visitVoxels(
  source: VoxelSource,
  start: number,
  stride: number,
  count: number,
  visit: (slab: Uint8Array, from: number, length: number, done: number) => void,
): Promise<void> {
  for (let done = 0; done < count; ) {
    const voxel = start + stride * done;
    const index = Math.floor(voxel / source.voxelsPerSlab);
    const from = voxel - index * source.voxelsPerSlab;
    const length = Math.min(count - done, Math.ceil((source.voxelsPerSlab - from) / stride));
    const slab = source.slab(index);
    // Awaiting every row of every slice would cost more than the copying.
    visit(slab instanceof Uint8Array ? slab : await slab, from, length, done);
    done += length;
  }
}
