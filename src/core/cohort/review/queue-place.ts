import type { Vec3, VoxelAxis } from '../../geometry/vector.ts';
import type { PredictedComponent } from '../../learn/prediction/predicted-components.ts';
import type { QueueEntry } from './queued-cases.ts';

/** Where to look, as editors take it. */
export interface QueuePlace {
  readonly voxel: Vec3;
  /** What shall be in view around it, along i, j, k; absent: all of the slice. */
  readonly extentVoxels?: Vec3;
}

/**
 * Where an entry of the queue is to be looked at: the piece, or on the worst slice the piece of which most is expected
 * to be wrong there; where nothing is proposed on that slice, all of it.
 *
 * @param shape of the volume
 */
export function queuePlace(
  entry: QueueEntry,
  components: readonly PredictedComponent[],
  reviewAxis: VoxelAxis,
  shape: Vec3,
): QueuePlace {
  if (entry.kind === 'component') return around(entry.component, reviewAxis);
  const { slice } = entry;
  /** Of its voxels on one slice, on average. */
  const expectedWrong = ({ uncertainty, volumeMm3, min, max }: PredictedComponent) =>
    (uncertainty * volumeMm3) / (max[reviewAxis] - min[reviewAxis]);
  const here = components.filter(({ min, max }) => min[reviewAxis] <= slice && slice < max[reviewAxis]);
  if (here.length === 0) {
    return { voxel: onSlice([shape[0] >> 1, shape[1] >> 1, shape[2] >> 1], reviewAxis, slice) };
  }
  const worst = here.reduce((most, other) => (expectedWrong(other) > expectedWrong(most) ? other : most));
  return around(worst, reviewAxis, slice);
}

/** @param slice absent: the middle of the piece */
function around({ min, max, centreVoxel }: PredictedComponent, axis: VoxelAxis, slice?: number): QueuePlace {
  const centre = ([0, 1, 2] as const).map((of) => Math.round(centreVoxel[of])) as unknown as Vec3;
  const extentVoxels = ([0, 1, 2] as const).map((of) => max[of] - min[of]) as unknown as Vec3;
  return { voxel: slice === undefined ? centre : onSlice(centre, axis, slice), extentVoxels };
}

function onSlice(voxel: Vec3, axis: VoxelAxis, slice: number): Vec3 {
  return voxel.map((at, of) => (of === axis ? slice : at)) as unknown as Vec3;
}
