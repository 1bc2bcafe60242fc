import { type CancelSignal, throwIfCancelled } from '../cancel.ts';
import type { VoxelGrid } from '../geometry/grid.ts';
import { boxVoxels, type VoxelBox } from '../geometry/voxel-box.ts';
import { type VoxelSource, visitVoxels } from './voxel-source.ts';
import { copyRealValues } from './voxel-values.ts';

/**
 * Returns the real-world values in a box of one time point, i fastest: of complex numbers the magnitude, of colours the
 * luma (`copyRealValues`). It waits for the slabs that it needs.
 * @param grid of one time point of `source`
 * @throws RangeError if the box leaves the volume, or there is no such time point
 * @throws CancelledError
 * @throws what `source.slab` rejects with
 */
export async function extractBox(
  source: VoxelSource,
  grid: VoxelGrid,
  box: VoxelBox,
  timeIndex: number,
  signal?: CancelSignal,
): Promise<Float32Array> {
  const [nx, ny, nz] = grid.shape;
  const perTimePoint = nx * ny * nz;
  const { from, to } = box;
  if (!(timeIndex >= 0 && timeIndex < source.voxelCount / perTimePoint)) {
    throw new RangeError(`There is no time point ${timeIndex}.`);
  }
  if (![0, 1, 2].every((axis) => from[axis] >= 0 && from[axis] < to[axis] && to[axis] <= grid.shape[axis])) {
    throw new RangeError(`The box ${from} to ${to} leaves the volume.`);
  }
  const values = new Float32Array(boxVoxels(box));
  const [width, height] = [to[0] - from[0], to[1] - from[1]];
  // What is copied at once: rows that follow one another in the file, or one column of a box that is one voxel wide.
  const isWide = width > 1;
  const rowsAtOnce = width === nx || !isWide ? height : 1;
  const [stride, atOnce] = [isWide || nx === 1 ? 1 : nx, width * rowsAtOnce];
  let filled = 0;
  for (let k = from[2]; k < to[2]; k++) {
    throwIfCancelled(signal);
    for (let j = from[1]; j < to[1]; j += rowsAtOnce) {
      const start = timeIndex * perTimePoint + from[0] + nx * (j + ny * k);
      const at = filled;
      await visitVoxels(source, start, stride, atOnce, (slab, first, count, done) =>
        copyRealValues(
          source.datatype,
          source.scaling,
          slab,
          { from: first, stride, count, to: at + done, toStride: 1 },
          values,
        ),
      );
      filled += atOnce;
    }
  }
  return values;
}
