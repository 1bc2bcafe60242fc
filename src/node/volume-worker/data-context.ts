import { setImmediate } from 'node:timers/promises';
import { type CancelSignal, throwIfCancelled } from '../../core/cancel.ts';
import { voxelCount } from '../../core/geometry/grid.ts';
import { slicePlanes } from '../../core/geometry/slice-plane.ts';
import type { Vec3 } from '../../core/geometry/vector.ts';
import { boxVoxels, type VoxelBox } from '../../core/geometry/voxel-box.ts';
import { decodeLabelBox, MAX_BOX_VOXELS } from '../../core/label/label-box.ts';
import { type DataContext, InvalidGestureError } from '../../core/tools/tool.ts';
import { extractBox } from '../../core/volume/extract-box.ts';
import type { ServedVolume } from '../volumes/served/served-volume.ts';

/** Work that goes on for longer lets the thread look at its messages, so that it can be cancelled and slices are served. */
const LOOK_UP_AFTER_MS = 20;

/**
 * What a query is answered in, on the thread that has the image.
 * @param labelBox returns what `encodeLabelBox` writes for a box of at most `MAX_BOX_VOXELS`
 */
export function dataContext(
  volume: ServedVolume,
  labelBox: (box: VoxelBox) => Promise<Uint8Array>,
  progress: (fraction: number) => void,
  signal: CancelSignal,
): DataContext {
  const { grid } = volume.header;
  let lookedUp = performance.now();
  const breathe = async () => {
    if (performance.now() - lookedUp > LOOK_UP_AFTER_MS) {
      await setImmediate();
      lookedUp = performance.now();
    }
    throwIfCancelled(signal);
  };
  return {
    // Points of gestures lie on the axes of a plane, whichever way round it is shown.
    planes: slicePlanes(grid, 'radiological'),
    breathe,
    image: async (box, timeIndex) => {
      await breathe();
      const timePoints = volume.voxelCount / voxelCount(grid);
      if (timeIndex >= timePoints) throw new InvalidGestureError(`there is no time point ${timeIndex}`);
      return extractBox(volume, grid, box, timeIndex, signal);
    },
    labels: async (box) => {
      const labels = new Uint16Array(boxVoxels(box));
      const pieces = boxesAtMost(box, MAX_BOX_VOXELS);
      const encoded = await Promise.all(pieces.map((piece) => labelBox(piece)));
      for (const [n, piece] of pieces.entries()) {
        decodeLabelBox(encoded[n], grid.shape, piece, (label, start, length) => {
          if (label !== 0) fillRows(labels, box, grid.shape, start, length, label);
        });
      }
      return labels;
    },
    progress,
  };
}

/** Cuts a box along its longest axis until no piece is larger. */
function boxesAtMost(box: VoxelBox, voxels: number): VoxelBox[] {
  if (boxVoxels(box) <= voxels) return [box];
  const lengths = box.to.map((end, axis) => end - box.from[axis]);
  const axis = lengths.indexOf(Math.max(...lengths));
  const middle = box.from[axis] + (lengths[axis] >> 1);
  const at = (corner: Vec3) => corner.map((value, n) => (n === axis ? middle : value)) as [number, number, number];
  return [
    ...boxesAtMost({ from: box.from, to: at(box.to) }, voxels),
    ...boxesAtMost({ from: at(box.from), to: box.to }, voxels),
  ];
}

/** Writes a run of the volume, which lies in the box, at its places in the box. */
function fillRows(
  labels: Uint16Array,
  { from, to }: VoxelBox,
  [nx, ny]: Vec3,
  start: number,
  length: number,
  label: number,
) {
  const [width, height] = [to[0] - from[0], to[1] - from[1]];
  for (let at = start; at < start + length; ) {
    const i = at % nx;
    const j = Math.floor(at / nx) % ny;
    const k = Math.floor(at / (nx * ny));
    const here = Math.min(start + length - at, to[0] - i);
    const place = i - from[0] + width * (j - from[1] + height * (k - from[2]));
    labels.fill(label, place, place + here);
    at += here;
  }
}
