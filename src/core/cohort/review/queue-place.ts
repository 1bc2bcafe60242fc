import type { PredictedComponent } from '../../case/state/predicted-component.ts';
import type { Vec3, VoxelAxis } from '../../geometry/vector.ts';
import type { ReadonlyLabelMap } from '../../label/label-map.ts';
import type { QueueEntry } from './queued-cases.ts';

/** Says where to look, as editors take it. */
export interface QueuePlace {
  readonly voxel: Vec3;
  /** So much shall be in view around it, along i, j, k; without it all of the slice shall be. */
  readonly extentVoxels?: Vec3;
}

/**
 * Says where an entry of the queue is to be looked at: the piece itself, or on the worst slice the piece of which most
 * is expected to be wrong there; where nothing is proposed on that slice, it is all of the slice.
 *
 * @param shape the shape of the volume
 * @param proposed the proposal's voxels, in the labels of `components`: the place is one of the piece. It is null where
 * they are not known; then the place is the middle of the piece, which need not be a part of it (as of a ring)
 */
export function queuePlace(
  entry: QueueEntry,
  components: readonly PredictedComponent[],
  reviewAxis: VoxelAxis,
  shape: Vec3,
  proposed: ReadonlyLabelMap | null,
): QueuePlace {
  if (entry.kind === 'component') return around(entry.component, reviewAxis, proposed);
  const { slice } = entry;
  /** Returns how many voxels of a piece are expected to be wrong on one slice, on average. */
  const expectedWrong = ({ uncertainty, volumeMm3, min, max }: PredictedComponent) =>
    (uncertainty * volumeMm3) / (max[reviewAxis] - min[reviewAxis]);
  const here = components.filter(({ min, max }) => min[reviewAxis] <= slice && slice < max[reviewAxis]);
  if (here.length === 0) {
    return { voxel: onSlice([shape[0] >> 1, shape[1] >> 1, shape[2] >> 1], reviewAxis, slice) };
  }
  const worst = here.reduce((most, other) => (expectedWrong(other) > expectedWrong(most) ? other : most));
  return around(worst, reviewAxis, proposed, slice);
}

/** @param slice without it the place is the middle of the piece */
function around(
  component: PredictedComponent,
  axis: VoxelAxis,
  proposed: ReadonlyLabelMap | null,
  slice?: number,
): QueuePlace {
  const { min, max, centreVoxel } = component;
  const centre = ([0, 1, 2] as const).map((of) => Math.round(centreVoxel[of])) as unknown as Vec3;
  const extentVoxels = ([0, 1, 2] as const).map((of) => max[of] - min[of]) as unknown as Vec3;
  const middle = slice === undefined ? centre : onSlice(centre, axis, slice);
  return { voxel: (proposed && nearestVoxel(proposed, component, axis, middle)) ?? middle, extentVoxels };
}

/**
 * Finds the voxel nearest to `middle`, in voxels, among those in the piece's box that have its label and lie on the
 * slice of `middle`. (A piece is connected, so it has some on every slice of its box; another one of its label may
 * reach into the box.)
 */
function nearestVoxel(
  proposed: ReadonlyLabelMap,
  { label, min, max }: PredictedComponent,
  axis: VoxelAxis,
  middle: Vec3,
): Vec3 | undefined {
  const [from, to] = [onSlice(min, axis, middle[axis]), onSlice(max, axis, middle[axis] + 1)];
  const [nx, ny] = proposed.shape;
  let nearest: Vec3 | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (let k = from[2]; k < to[2]; k++) {
    for (let j = from[1]; j < to[1]; j++) {
      const row = nx * (j + ny * k);
      proposed.forEachRun(row + from[0], to[0] - from[0], (runLabel, start, length) => {
        if (runLabel !== label) return;
        const i = Math.min(Math.max(middle[0], start - row), start - row + length - 1);
        const distance = Math.hypot(i - middle[0], j - middle[1], k - middle[2]);
        if (distance >= least) return;
        least = distance;
        nearest = [i, j, k];
      });
    }
  }
  return nearest;
}

function onSlice(voxel: Vec3, axis: VoxelAxis, slice: number): Vec3 {
  return voxel.map((at, of) => (of === axis ? slice : at)) as unknown as Vec3;
}
