import { type SlicePlane, voxelOnPlane } from '../../../core/geometry/slice-plane.ts';
import type { Vec3 } from '../../../core/geometry/vector.ts';
import type { ToolCursor } from '../../../core/tools/tool.ts';
import { type PanePoint, planeToPane, type Viewport } from '../../looking/viewport.ts';

/**
 * A circle in a pane, in CSS pixels. One millimetre is equally long in all directions there, so a ball shows as a
 * circle too.
 */
export interface CursorCircle {
  readonly at: PanePoint;
  readonly radiusPx: number;
}

/** Smaller circles could not be seen. */
const SMALLEST_PX = 1.5;

/**
 * The circle that a tool shows in the pane that the pointer is in.
 * @param start where the pointer went down; undefined while it is up
 */
export function cursorHere(
  cursor: ToolCursor,
  radiusMm: number,
  at: PanePoint,
  start: PanePoint | undefined,
  { pxPerMm }: Viewport,
): CursorCircle {
  switch (cursor) {
    case 'point':
      return { at, radiusPx: 2 * SMALLEST_PX };
    case 'sample':
      if (!start) return { at, radiusPx: 2 * SMALLEST_PX };
      return { at: start, radiusPx: Math.max(Math.hypot(at[0] - start[0], at[1] - start[1]), 2 * SMALLEST_PX) };
    default:
      return { at, radiusPx: Math.max(radiusMm * pxPerMm, SMALLEST_PX) };
  }
}

/**
 * The circle that a ball around the voxel under the pointer, in another pane, would draw in the slice that this pane
 * shows. It is undefined if the ball does not reach that slice.
 */
export function ballElsewhere(
  radiusMm: number,
  centre: Vec3,
  plane: SlicePlane,
  shownSlice: number,
  viewport: Viewport,
): CursorCircle | undefined {
  const { slice, column, row } = voxelOnPlane(plane, centre);
  const awayMm = (slice - shownSlice) * plane.sliceSpacingMm;
  const square = radiusMm * radiusMm - awayMm * awayMm;
  if (square <= 0) return undefined;
  const radiusPx = Math.max(Math.sqrt(square) * viewport.pxPerMm, SMALLEST_PX);
  return { at: planeToPane(viewport, [column, row]), radiusPx };
}
