import { type CancelSignal, throwIfCancelled } from '../cancel.ts';
import type { VoxelGrid } from '../geometry/grid.ts';
import type { SlicePlane } from '../geometry/slice-plane.ts';
import type { VoxelAxis } from '../geometry/vector.ts';
import type { SliceFormat, SliceImage } from './slice-image.ts';
import { type VoxelSource, visitVoxels } from './voxel-source.ts';
import type { VoxelType } from './voxel-type.ts';
import { copyColours, copyRealValues, copyStoredValues, type VoxelSpan } from './voxel-values.ts';

/** Returns the format in which slices of a volume of this type cross to a renderer. */
export function sliceFormatOf(datatype: VoxelType): SliceFormat {
  switch (datatype.encoding) {
    case 'u8':
      return 'u8';
    case 'i8':
    case 'i16':
      return 'i16';
    case 'u16':
      return 'u16';
    case 'rgb24':
    case 'rgba32':
      return 'rgba8';
    default:
      return 'f32';
  }
}

/**
 * Returns slice `index` of `plane` at time point `timeIndex`, as it lies on the screen. It waits for the slabs that it
 * needs.
 * @param grid of one time point of `source`
 * @throws RangeError if there is no such slice
 * @throws CancelledError
 * @throws what `source.slab` rejects with
 */
export async function extractSlice(
  source: VoxelSource,
  grid: VoxelGrid,
  plane: SlicePlane,
  index: number,
  timeIndex: number,
  signal?: CancelSignal,
): Promise<SliceImage> {
  const [nx, ny, nz] = grid.shape;
  const voxelsPerTimePoint = nx * ny * nz;
  const timePoints = source.voxelCount / voxelsPerTimePoint;
  if (!(index >= 0 && index < plane.sliceCount)) throw new RangeError(`There is no slice ${index}.`);
  if (!(timeIndex >= 0 && timeIndex < timePoints)) throw new RangeError(`There is no time point ${timeIndex}.`);

  const { columns, rows } = plane;
  const format = sliceFormatOf(source.datatype);
  const { data, copy } = sliceTarget(source, format, columns * rows);

  // The voxels are visited in the order in which they lie in the file: the lower of the two axes innermost.
  const strides = [1, nx, nx * ny];
  const steps: { axis: VoxelAxis; first: number; step: number }[] = [
    { axis: plane.columnAxis, first: plane.columnReversed ? columns - 1 : 0, step: plane.columnReversed ? -1 : 1 },
    {
      axis: plane.rowAxis,
      first: plane.rowReversed ? columns * (rows - 1) : 0,
      step: plane.rowReversed ? -columns : columns,
    },
  ];
  const [inner, outer] = steps.sort((a, b) => a.axis - b.axis);
  const sliceStart = timeIndex * voxelsPerTimePoint + index * strides[plane.normalAxis];
  for (let o = 0; o < grid.shape[outer.axis]; o++) {
    throwIfCancelled(signal);
    const start = sliceStart + o * strides[outer.axis];
    const stride = strides[inner.axis];
    const to = inner.first + outer.first + o * outer.step;
    await visitVoxels(source, start, stride, grid.shape[inner.axis], (slab, from, count, done) =>
      copy(slab, { from, stride, count, to: to + done * inner.step, toStride: inner.step }),
    );
  }
  return { format, columns, rows, data };
}

/** Makes the bytes of a slice and what fills them, by format. */
function sliceTarget(
  source: VoxelSource,
  format: SliceFormat,
  pixels: number,
): { data: Uint8Array<ArrayBuffer>; copy: (slab: Uint8Array, span: VoxelSpan) => void } {
  const { datatype, scaling } = source;
  switch (format) {
    case 'rgba8': {
      const data = new Uint8Array(4 * pixels);
      return { data, copy: (slab, span) => copyColours(datatype, slab, span, data) };
    }
    case 'f32': {
      const target = new Float32Array(pixels);
      return {
        data: new Uint8Array(target.buffer),
        copy: (slab, span) => copyRealValues(datatype, scaling, slab, span, target),
      };
    }
    default: {
      const target = new { u8: Uint8Array, i16: Int16Array, u16: Uint16Array }[format](pixels);
      return {
        data: new Uint8Array(target.buffer),
        copy: (slab, span) => copyStoredValues(datatype, slab, span, target),
      };
    }
  }
}
