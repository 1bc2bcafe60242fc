import type { SlicePlane } from '../../geometry/slice-plane.ts';
import type { Vec3, VoxelAxis } from '../../geometry/vector.ts';
import { forEachStrokeRange } from '../../label/brush.ts';
import type { BrushStroke } from '../../label/stroke.ts';
import { forEachSlicePiece } from '../state/slice-pieces.ts';

/**
 * Finds the slices along `axis` in which the stroke covers at least one voxel, whether or not it changes it: there is
 * one if it was drawn in the plane of `axis`, else there are as many as it is long.
 * @throws InvalidStrokeError
 */
export function coveredSlices(shape: Vec3, plane: SlicePlane, axis: VoxelAxis, stroke: BrushStroke): Set<number> {
  const slices = new Set<number>();
  forEachStrokeRange(plane, stroke, (start, length) => {
    if (plane.normalAxis === axis) slices.add(stroke.slice);
    else forEachSlicePiece(shape, axis, start, length, (slice) => slices.add(slice));
  });
  return slices;
}
