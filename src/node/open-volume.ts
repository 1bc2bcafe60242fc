import type { CancelSignal } from '../core/cancel.ts';
import type { NiftiHeader } from '../core/nifti/nifti-header.ts';
import type { VoxelSource } from '../core/volume/voxel-source.ts';
import { InflatedVoxels } from './inflated-voxels.ts';
import { NiftiFile } from './nifti-file.ts';
import { PositionedVoxels } from './positioned-voxels.ts';

/** A volume that is open for viewing: its header at once, its voxels slab by slab. */
export interface OpenVolume extends VoxelSource {
  readonly header: NiftiHeader;
  /** Whether the whole volume may not fit into memory: work that touches all of it should take samples. */
  readonly sparse: boolean;
  /** 0 to 1: how much can be served without waiting for the stream. */
  readonly loadedFraction: number;
  /** Resolves when everything can be served; rejects with what stopped the loading. */
  readonly loaded: Promise<void>;
  /** Told of `loadedFraction` as it grows. At most one listener. */
  onProgress: ((fraction: number) => void) | undefined;
  /** Idempotent. Pending requests are rejected with CancelledError. */
  close(): Promise<void>;
}

/**
 * Opens a volume for viewing. A compressed file is inflated from its start in the background; a plain one is read where
 * slices need it. No more than about `memoryBudgetBytes` of voxels are kept in memory.
 * @throws NiftiError, FileAccessError, CancelledError
 */
export async function openVolume(
  path: string,
  options: { readonly memoryBudgetBytes: number; readonly signal?: CancelSignal | undefined },
): Promise<OpenVolume> {
  const file = await NiftiFile.open(path, options.signal);
  return file.compressed
    ? new InflatedVoxels(file, options.memoryBudgetBytes)
    : new PositionedVoxels(file, options.memoryBudgetBytes);
}
