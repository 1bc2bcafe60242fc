import type { SlicePlane } from '../../geometry/slice-plane.ts';
import type { VoxelAxis } from '../../geometry/vector.ts';
import { MAX_LABEL } from '../../label/label-edit.ts';
import { type GridPoint, InvalidGestureError, type ToolGesture } from '../tool.ts';

/**
 * A slice as lines of memory: along the lower of its two voxel axes (u), line by line of the higher one (v). Voxel (u,
 * v) has the linear offset `base + u * uStride + v * vStride`, so offsets ascend along lines and from line to line.
 */
export interface SliceLayout {
  readonly u: VoxelAxis;
  readonly v: VoxelAxis;
  readonly uCount: number;
  readonly vCount: number;
  readonly base: number;
  readonly uStride: number;
  readonly vStride: number;
  readonly uMm: number;
  readonly vMm: number;
  /** Returns a point of the plane's column and row axes along u and v. */
  uv(point: GridPoint): GridPoint;
}

/**
 * @param plane the one that the gesture names
 * @throws InvalidGestureError where there is no such slice or label
 */
export function sliceLayout(plane: SlicePlane, gesture: ToolGesture): SliceLayout {
  const isIndex = (value: number, end: number) => Number.isInteger(value) && value >= 0 && value < end;
  if (gesture.plane !== plane.name) throw new InvalidGestureError(`it is ${gesture.plane}, not ${plane.name}`);
  if (!isIndex(gesture.slice, plane.sliceCount)) throw new InvalidGestureError(`there is no slice ${gesture.slice}`);
  if (!isIndex(gesture.label, MAX_LABEL + 1)) throw new InvalidGestureError(`${gesture.label} is not a label`);
  const isColumnFirst = plane.columnAxis < plane.rowAxis;
  const { shape } = plane.grid;
  const strides = [1, shape[0], shape[0] * shape[1]];
  const u = isColumnFirst ? plane.columnAxis : plane.rowAxis;
  const v = isColumnFirst ? plane.rowAxis : plane.columnAxis;
  return {
    u,
    v,
    uCount: shape[u],
    vCount: shape[v],
    base: gesture.slice * strides[plane.normalAxis],
    uStride: strides[u],
    vStride: strides[v],
    uMm: isColumnFirst ? plane.columnSpacingMm : plane.rowSpacingMm,
    vMm: isColumnFirst ? plane.rowSpacingMm : plane.columnSpacingMm,
    uv: ([column, row]) => (isColumnFirst ? [column, row] : [row, column]),
  };
}
