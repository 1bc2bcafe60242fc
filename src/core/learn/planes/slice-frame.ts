import { affineColumn } from '../../geometry/affine.ts';
import type { VoxelGrid } from '../../geometry/grid.ts';
import { affineOrientation, voxelAxisAlong } from '../../geometry/orientation.ts';
import type { Vec3, VoxelAxis } from '../../geometry/vector.ts';
import type { AnatomicalSlicing, Slicing } from '../plan/plan.ts';

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

const SLICINGS: readonly AnatomicalSlicing[] = ['sagittal', 'coronal', 'axial'];

/** Returns the voxel axis nearest to the normal of `slicing`; the acquisition's is that of `chooseReviewAxis`. */
export function slicingAxis(grid: VoxelGrid, slicing: Slicing): VoxelAxis {
  if (slicing === 'acquired') return chooseReviewAxis(grid);
  return voxelAxisAlong(affineOrientation(grid.voxelToWorld), SLICINGS.indexOf(slicing) as 0 | 1 | 2);
}

/** Returns the anatomical plane that slices along `axis` are nearest to; it is the inverse of `slicingAxis`. */
export function axisSlicing(grid: VoxelGrid, axis: VoxelAxis): AnatomicalSlicing {
  return SLICINGS[affineOrientation(grid.voxelToWorld)[axis].worldAxis];
}

/** @param axis the voxel axis to step along */
export function sliceFrame(grid: VoxelGrid, axis: VoxelAxis): SliceFrame {
  const world = affineOrientation(grid.voxelToWorld);
  // Columns follow the lower world axis (x before y before z), rows the higher.
  const [columnAxis, rowAxis] = ([0, 1, 2] as VoxelAxis[])
    .filter((candidate) => candidate !== axis)
    .sort((left, right) => world[left].worldAxis - world[right].worldAxis);
  return turnedFrame(
    grid,
    axis,
    [columnAxis, world[columnAxis].sign],
    [rowAxis, world[rowAxis].sign],
    world[axis].sign,
  );
}

/** Returns how a plan cuts a volume into slices. */
export function planFrame(grid: VoxelGrid, slicing: Slicing): SliceFrame {
  const axis = slicingAxis(grid, slicing);
  return slicing === 'acquired' ? acquiredFrame(grid, axis) : sliceFrame(grid, axis);
}

/**
 * Columns lie along the voxel axis that is nearer to this direction of the patient (mostly right, a little anterior),
 * rows along the one that is nearer to the next (mostly superior, a little anterior). Along each of the three anatomical
 * planes that is what `sliceFrame` does. Between them, where the nearest world axis changes from patient to patient, no
 * plane in which hearts, knees or brains are acquired lies near a place where a sign or the order changes.
 */
const COLUMNS_ALONG: Vec3 = [1, 0.4, 0];
const ROWS_ALONG: Vec3 = [0, 0.4, 1];

/**
 * Turns the slices of oblique acquisitions alike: the nearest world axes name the plane of one heart coronal and that of
 * the next, two degrees on, sagittal, and would swap rows and columns. Neighbouring slices are counted so that columns,
 * rows and they are right-handed.
 */
export function acquiredFrame(grid: VoxelGrid, axis: VoxelAxis): SliceFrame {
  const [first, second] = ([0, 1, 2] as VoxelAxis[]).filter((candidate) => candidate !== axis);
  const along = (of: VoxelAxis, [x, y, z]: Vec3) => {
    const column = affineColumn(grid.voxelToWorld, of);
    return (column[0] * x + column[1] * y + column[2] * z) / Math.hypot(...column);
  };
  const fits = (columnAxis: VoxelAxis, rowAxis: VoxelAxis) =>
    Math.abs(along(columnAxis, COLUMNS_ALONG)) + Math.abs(along(rowAxis, ROWS_ALONG));
  const [columnAxis, rowAxis] = fits(first, second) >= fits(second, first) ? [first, second] : [second, first];
  const columnSign = along(columnAxis, COLUMNS_ALONG) < 0 ? -1 : 1;
  const rowSign = along(rowAxis, ROWS_ALONG) < 0 ? -1 : 1;
  const [c, r, n] = [columnAxis, rowAxis, axis].map((of) => affineColumn(grid.voxelToWorld, of));
  const handedness =
    n[0] * (c[1] * r[2] - c[2] * r[1]) + n[1] * (c[2] * r[0] - c[0] * r[2]) + n[2] * (c[0] * r[1] - c[1] * r[0]);
  const step = handedness * columnSign * rowSign < 0 ? -1 : 1;
  return turnedFrame(grid, axis, [columnAxis, columnSign], [rowAxis, rowSign], step);
}

type DirectedAxis = readonly [axis: VoxelAxis, sign: 1 | -1];

function turnedFrame(
  grid: VoxelGrid,
  axis: VoxelAxis,
  [columnAxis, columnSign]: DirectedAxis,
  [rowAxis, rowSign]: DirectedAxis,
  neighbourStep: 1 | -1,
): SliceFrame {
  const strides: Vec3 = [1, grid.shape[0], grid.shape[0] * grid.shape[1]];
  const origin = (of: VoxelAxis, sign: 1 | -1) => (sign > 0 ? 0 : (grid.shape[of] - 1) * strides[of]);
  return {
    axis,
    rowAxis,
    columnAxis,
    slices: grid.shape[axis],
    rows: grid.shape[rowAxis],
    columns: grid.shape[columnAxis],
    rowSpacingMm: grid.spacingMm[rowAxis],
    columnSpacingMm: grid.spacingMm[columnAxis],
    origin: origin(rowAxis, rowSign) + origin(columnAxis, columnSign),
    sliceStride: strides[axis],
    rowStride: rowSign * strides[rowAxis],
    columnStride: columnSign * strides[columnAxis],
    neighbourStep,
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
