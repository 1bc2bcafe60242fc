import type { CancelSignal } from '../../../core/cancel.ts';
import { swapBytes } from './swap-bytes.ts';
import type { VolumeFile } from './volume-file.ts';

const SLAB_BYTES = 4 << 20;

/**
 * The number of voxels of `file` in a slab of about 4 MiB, which is small enough that the first slices need not wait.
 */
export function voxelsPerSlab(file: VolumeFile): number {
  return Math.floor(SLAB_BYTES / file.header.datatype.bytesPerVoxel);
}

/** Consecutive voxels in little-endian byte order. */
export interface VoxelSlab {
  /** The number of the first voxel in the file (see `VoxelSource`). */
  readonly start: number;
  readonly count: number;
  readonly bytes: Uint8Array;
}

/**
 * Streams the voxels `[first, first + count)` of `file` in slabs, in order. Memory for a slab is taken when its first
 * bytes have come, never for what the header claims. Slabs are not kept here: each belongs to the caller.
 * @throws VolumeFileError, CancelledError
 */
export async function* streamSlabs(
  file: VolumeFile,
  first: number,
  count: number,
  signal?: CancelSignal,
): AsyncGenerator<VoxelSlab> {
  const { littleEndian } = file;
  const { datatype } = file.header;
  const width = datatype.bytesPerVoxel;
  const slabBytes = voxelsPerSlab(file) * width;
  const total = count * width;
  let slab: Uint8Array | undefined;
  let filled = 0;
  let done = 0;
  const finish = (bytes: Uint8Array): VoxelSlab => {
    if (!littleEndian) swapBytes(bytes, datatype.bytesPerNumber);
    const finished = { start: first + done / width, count: bytes.length / width, bytes };
    done += bytes.length;
    filled = 0;
    slab = undefined;
    return finished;
  };
  for await (const piece of file.voxelBytes(first * width, first * width + total, signal)) {
    for (let used = 0; used < piece.length; ) {
      slab ??= new Uint8Array(Math.min(slabBytes, total - done));
      const part = piece.subarray(used, used + slab.length - filled);
      slab.set(part, filled);
      filled += part.length;
      used += part.length;
      if (filled === slab.length) yield finish(slab);
    }
  }
}
