import type { PlaneWindow } from '../../planes/plane-window.ts';

/**
 * Says where a pixel of a changed plane comes from: source row =
 * `rowFromRow * row + rowFromColumn * column + rowStart`, and the same for columns. Pixel centres are at integers.
 */
export interface PlaneMap {
  readonly rowFromRow: number;
  readonly rowFromColumn: number;
  readonly rowStart: number;
  readonly columnFromRow: number;
  readonly columnFromColumn: number;
  readonly columnStart: number;
}

/** How a plane is turned, scaled, mirrored and shifted about its centre. */
export interface AffineChange {
  readonly angleDegrees: number;
  /** A zoom above 1 enlarges. */
  readonly zoom: number;
  /** The source lies so many pixels further down and right. */
  readonly rowShift: number;
  readonly columnShift: number;
  readonly mirrorRows: boolean;
  readonly mirrorColumns: boolean;
}

export const UNCHANGED: AffineChange = {
  angleDegrees: 0,
  zoom: 1,
  rowShift: 0,
  columnShift: 0,
  mirrorRows: false,
  mirrorColumns: false,
};

/**
 * Returns the map of a plane that shows `window` of a slice, changed about the window's centre.
 * @param pixelAspect height of a pixel over its width (mm): turning keeps angles in mm, so anatomy is not sheared
 */
export function planeMap(window: PlaneWindow, change: AffineChange, pixelAspect: number): PlaneMap {
  const angle = (change.angleDegrees * Math.PI) / 180;
  const cosine = Math.cos(angle) / change.zoom;
  const sine = Math.sin(angle) / change.zoom;
  const down = change.mirrorRows ? -1 : 1;
  const across = change.mirrorColumns ? -1 : 1;
  const rowFromRow = cosine * down;
  const rowFromColumn = (-sine * across) / pixelAspect;
  const columnFromRow = sine * down * pixelAspect;
  const columnFromColumn = cosine * across;
  const centreRow = (window.rows - 1) / 2;
  const centreColumn = (window.columns - 1) / 2;
  return {
    rowFromRow,
    rowFromColumn,
    rowStart: window.rowStart + change.rowShift + centreRow - rowFromRow * centreRow - rowFromColumn * centreColumn,
    columnFromRow,
    columnFromColumn,
    columnStart:
      window.columnStart +
      change.columnShift +
      centreColumn -
      columnFromRow * centreRow -
      columnFromColumn * centreColumn,
  };
}
