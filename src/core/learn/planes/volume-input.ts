import type { VoxelGrid } from '../../geometry/grid.ts';

/** One image as learning sees it: the real-world values (slope and intercept applied) of each channel on one grid. */
export interface ImageVolume {
  readonly grid: VoxelGrid;
  /** There is one array per channel, element `i + nx * (j + ny * k)`. It may hold values that are not finite. */
  readonly channels: readonly Float32Array[];
}

/**
 * What is known of one case's voxels: the index into the plan's labels by voxel of the image's grid. It is -1
 * (`IGNORED`) in every voxel that does not train: in slices that nobody accepted, and where the file's value is none of
 * the labels.
 */
export interface CaseTruth {
  readonly classes: Int16Array;
}
