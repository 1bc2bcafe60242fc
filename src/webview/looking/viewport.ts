import type { SlicePlane } from '../../core/geometry/slice-plane.ts';

/** A position in a plane: [column, row] in screen pixels of the plane, pixel centres at integers (see `SlicePlane`). */
export type PlanePoint = readonly [number, number];

/** A position in a pane, in CSS pixels from its top left corner. */
export type PanePoint = readonly [number, number];

/** Says how one plane lies in one pane. One mm is equally long in both directions: voxels keep their true shape. */
export interface Viewport {
  readonly widthPx: number;
  readonly heightPx: number;
  /** CSS pixels per millimetre. */
  readonly pxPerMm: number;
  /** This point of the plane lies in the middle of the pane. */
  readonly center: PlanePoint;
  readonly columnSpacingMm: number;
  readonly rowSpacingMm: number;
}

export const MIN_ZOOM = 0.25;
export const MAX_ZOOM = 40;

/** The largest scale (CSS pixels per mm) at which the whole plane, voxel edges included, fits into the pane. */
export function fitPxPerMm(plane: SlicePlane, widthPx: number, heightPx: number, marginPx: number): number {
  const width = Math.max(1, widthPx - 2 * marginPx);
  const height = Math.max(1, heightPx - 2 * marginPx);
  return Math.min(width / (plane.columns * plane.columnSpacingMm), height / (plane.rows * plane.rowSpacingMm));
}

/** The middle of a plane. */
export function planeCenter(plane: SlicePlane): PlanePoint {
  return [(plane.columns - 1) / 2, (plane.rows - 1) / 2];
}

export function planeToPane(viewport: Viewport, [column, row]: PlanePoint): PanePoint {
  return [
    viewport.widthPx / 2 + (column - viewport.center[0]) * viewport.columnSpacingMm * viewport.pxPerMm,
    viewport.heightPx / 2 + (row - viewport.center[1]) * viewport.rowSpacingMm * viewport.pxPerMm,
  ];
}

export function paneToPlane(viewport: Viewport, [x, y]: PanePoint): PlanePoint {
  return [
    viewport.center[0] + (x - viewport.widthPx / 2) / (viewport.columnSpacingMm * viewport.pxPerMm),
    viewport.center[1] + (y - viewport.heightPx / 2) / (viewport.rowSpacingMm * viewport.pxPerMm),
  ];
}

/** The centre that keeps the plane point under `at` where it is while the scale changes by `factor`. */
export function centerAfterZoom(viewport: Viewport, at: PanePoint, factor: number): PlanePoint {
  const [column, row] = paneToPlane(viewport, at);
  return [column + (viewport.center[0] - column) / factor, row + (viewport.center[1] - row) / factor];
}

/** The centre after the picture was dragged by (dx, dy) CSS pixels. */
export function centerAfterPan(viewport: Viewport, dx: number, dy: number): PlanePoint {
  return [
    viewport.center[0] - dx / (viewport.columnSpacingMm * viewport.pxPerMm),
    viewport.center[1] - dy / (viewport.rowSpacingMm * viewport.pxPerMm),
  ];
}

/** The pixel of the plane that holds `point`, or undefined outside the plane. */
export function pixelAt(plane: SlicePlane, [column, row]: PlanePoint): readonly [number, number] | undefined {
  const pixel = [Math.round(column), Math.round(row)] as const;
  const inside = pixel[0] >= 0 && pixel[0] < plane.columns && pixel[1] >= 0 && pixel[1] < plane.rows;
  return inside ? pixel : undefined;
}
