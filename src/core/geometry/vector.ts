/** Three numbers. What they are (voxel index, mm, count) is said by the name that holds them. */
export type Vec3 = readonly [number, number, number];

/** A voxel axis: 0 = i (fastest in memory), 1 = j, 2 = k. */
export type VoxelAxis = 0 | 1 | 2;
