import type { VoxelGrid } from '../geometry/grid.ts';

/** One image as learning sees it: real-world values (slope and intercept applied) of each channel on one grid. */
export interface ImageVolume {
  readonly grid: VoxelGrid;
  /** Per channel, element `i + nx * (j + ny * k)`. May hold values that are not finite. */
  readonly channels: readonly Float32Array[];
}

/** What is known of one case's voxels: class per voxel on the image's grid, and which slices count. */
export interface CaseTruth {
  /** Index into the plan's labels by voxel; -1 where the file's value is none of them (ignored). */
  readonly classes: Int16Array;
  /** By slice along the review axis: accepted, or part of an imported complete map. Others are ignored. */
  readonly trains: (slice: number) => boolean;
}
