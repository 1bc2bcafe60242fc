import type { VolumeHeader } from '../../core/volume/volume-header.ts';
import type { VoxelSource } from '../../core/volume/voxel-source.ts';

/** A volume that is open for viewing: its header at once, its voxels slab by slab. */
export interface ServedVolume extends VoxelSource {
  readonly header: VolumeHeader;
  /** Whether the whole volume may not fit into memory: work that touches all of it should take samples. */
  readonly sparse: boolean;
  /** 0 to 1: how much can be served without waiting for the stream. */
  readonly loadedFraction: number;
  /** Resolves when everything can be served; rejects with what stopped the loading. */
  readonly loaded: Promise<void>;
  /** What was noticed while voxels were read, as a sentence (see `VolumeFile.note`); complete when `loaded` resolves. */
  readonly note: string | null;
  /** Told of `loadedFraction` as it grows. At most one listener. */
  onProgress: ((fraction: number) => void) | undefined;
  /** Idempotent. Pending requests are rejected with CancelledError. */
  close(): Promise<void>;
}
