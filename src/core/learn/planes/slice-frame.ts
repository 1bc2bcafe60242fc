import type { VoxelGrid } from '../../geometry/grid.ts';
import { affineOrientation, voxelAxisAlong } from '../../geometry/orientation.ts';
import type { Vec3, VoxelAxis } from '../../geometry/vector.ts';
import type { Slicing } from '../plan/plan.ts';

/**
 * How the slices of one volume along one voxel axis lie in memory, turned so that every volume is seen the same way
 * whatever its storage order: rows and columns (and the direction in which neighbouring slices are counted) follow the
 * positive directions of the nearest world axes (R, A, S). There are only flips and changes of axis order: nothing is
 * resampled.
 *
 * Pixel (row, column) of slice `s` is voxel `origin + s * sliceStride + row * rowStride + column * columnStride`;
 * strides of reversed axes are negative. `s` is the VOXEL index along the axis (never reversed: reviews count so).
 */
export interface SliceFrame {
  readonly axis: VoxelAxis;
  readonly rowAxis: VoxelAxis;
  readonly columnAxis: VoxelAxis;
  readonly slices: number;
  readonly rows: number;
  readonly columns: number;
  readonly rowSpacingMm: number;
  readonly columnSpacingMm: number;
  readonly origin: number;
  readonly sliceStride: number;
  readonly rowStride: number;
  readonly columnStride: number;
  /** This voxel-index step leads to the next slice in the positive world direction. */
  readonly neighbourStep: 1 | -1;
}

/**
 * Chooses the voxel axis along which a case is sliced, reviewed and learned: the one whose slices have the finest
 * pixels, which is the axis with the largest distance between slices. Within 5 % of each other, the axial one is taken
 * if it is among them, else the finest. A single slice is seen whole, whatever its header says of its thickness.
 */
export function chooseReviewAxis(grid: VoxelGrid): VoxelAxis {
  const single = grid.shape.filter((extent) => extent === 1).length === 1;
  if (single) return grid.shape.indexOf(1) as VoxelAxis;
  const largest = Math.max(...grid.spacingMm);
  const axial = voxelAxisAlong(affineOrientation(grid.voxelToWorld), 2);
  if (grid.spacingMm[axial] >= largest * 0.95) return axial;
  return grid.spacingMm.indexOf(largest) as VoxelAxis;
}

const SLICINGS: readonly Slicing[] = ['sagittal', 'coronal', 'axial'];

/** Returns the voxel axis nearest to the normal of `slicing`. */
export function slicingAxis(grid: VoxelGrid, slicing: Slicing): VoxelAxis {
  return voxelAxisAlong(affineOrientation(grid.voxelToWorld), SLICINGS.indexOf(slicing) as 0 | 1 | 2);
}

/** Returns the anatomical plane that slices along `axis` are nearest to; it is the inverse of `slicingAxis`. */
export function axisSlicing(grid: VoxelGrid, axis: VoxelAxis): Slicing {
  return SLICINGS[affineOrientation(grid.voxelToWorld)[axis].worldAxis];
}

/** @param axis the voxel axis to step along */
export function sliceFrame(grid: VoxelGrid, axis: VoxelAxis): SliceFrame {
  const world = affineOrientation(grid.voxelToWorld);
  const strides: Vec3 = [1, grid.shape[0], grid.shape[0] * grid.shape[1]];
  // Columns follow the lower world axis (x before y before z), rows the higher.
  const [columnAxis, rowAxis] = ([0, 1, 2] as VoxelAxis[])
    .filter((candidate) => candidate !== axis)
    .sort((left, right) => world[left].worldAxis - world[right].worldAxis);
  const reversedOrigin = (of: number) => (world[of].sign > 0 ? 0 : (grid.shape[of] - 1) * strides[of]);
  const stride = (of: number) => (world[of].sign > 0 ? strides[of] : -strides[of]);
  return {
    axis,
    rowAxis,
    columnAxis,
    slices: grid.shape[axis],
    rows: grid.shape[rowAxis],
    columns: grid.shape[columnAxis],
    rowSpacingMm: grid.spacingMm[rowAxis],
    columnSpacingMm: grid.spacingMm[columnAxis],
    origin: reversedOrigin(rowAxis) + reversedOrigin(columnAxis),
    sliceStride: strides[axis],
    rowStride: stride(rowAxis),
    columnStride: stride(columnAxis),
    neighbourStep: world[axis].sign,
  };
}

/** Copies slice `s` of `volume` into `target` (row-major, `rows * columns`). */
export function readSlice<T extends Float32Array | Int16Array>(
  volume: ArrayLike<number>,
  frame: SliceFrame,
  s: number,
  target: T,
): T {
  let write = 0;
  for (let row = 0; row < frame.rows; row++) {
    let read = frame.origin + s * frame.sliceStride + row * frame.rowStride;
    for (let column = 0; column < frame.columns; column++, read += frame.columnStride) target[write++] = volume[read];
  }
  return target;
}

/** Copies `source` (row-major) to slice `s` of `volume`: the inverse of `readSlice`. */
export function writeSlice(
  volume: Uint8Array | Uint16Array | Float32Array,
  frame: SliceFrame,
  s: number,
  source: ArrayLike<number>,
): void {
  let read = 0;
  for (let row = 0; row < frame.rows; row++) {
    let write = frame.origin + s * frame.sliceStride + row * frame.rowStride;
    for (let column = 0; column < frame.columns; column++, write += frame.columnStride) volume[write] = source[read++];
  }
}
