import type { VolumeHeader } from '../../../core/volume/volume-header.ts';
import type { VoxelSource } from '../../../core/volume/voxel-source.ts';

/** A volume that is open for viewing: its header is there at once, its voxels come slab by slab. */
export interface ServedVolume extends VoxelSource {
  readonly header: VolumeHeader;
  /** True if the whole volume may not fit into memory, so that work which touches all of it should take samples. */
  readonly sparse: boolean;
  /** The share of the volume, 0 to 1, that can be served without waiting for the stream. */
  readonly loadedFraction: number;
  /** Resolves when everything can be served; rejects with what stopped the loading. */
  readonly loaded: Promise<void>;
  /**
   * A sentence about what was noticed while voxels were read (see `VolumeFile.note`). It is complete when `loaded`
   * resolves.
   */
  readonly note: string | null;
  /** Is told of `loadedFraction` as it grows. There is at most one listener. */
  onProgress: ((fraction: number) => void) | undefined;
  /** Closes the volume; it may be called more than once. Pending requests are rejected with CancelledError. */
  close(): Promise<void>;
}
