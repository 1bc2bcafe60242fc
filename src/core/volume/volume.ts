import type { VoxelGrid } from '../geometry/grid.ts';
import type { VolumeHeader } from './volume-header.ts';

/** One 3-D volume in memory, as real-world values. */
export interface Volume {
  readonly grid: VoxelGrid;
  /** Voxel (i, j, k) is `data[i + nx * (j + ny * k)]`. Values that are not finite are kept. */
  readonly data: Float32Array;
  /** The header of the file that it came from (which may hold more time points). */
  readonly header: VolumeHeader;
}
