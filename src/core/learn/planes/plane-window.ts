/** The number of pixels across. */
export interface PlaneSize {
  readonly rows: number;
  readonly columns: number;
}

/**
 * A rectangle laid over a plane: its pixel (row, column) is the plane's (row + `rowStart`, column + `columnStart`). It
 * may reach beyond the plane on any side (starts may be negative).
 */
export interface PlaneWindow extends PlaneSize {
  readonly rowStart: number;
  readonly columnStart: number;
}

/** Returns the window of `size` with the plane in its middle; where a margin is odd, the larger half comes last. */
export function centredWindow(plane: PlaneSize, size: PlaneSize): PlaneWindow {
  return {
    rows: size.rows,
    columns: size.columns,
    rowStart: 0 - Math.floor((size.rows - plane.rows) / 2),
    columnStart: 0 - Math.floor((size.columns - plane.columns) / 2),
  };
}

/**
 * Returns the centred window that shows a whole plane: of `size`, grown in multiples of `multiple` where the plane is
 * larger.
 */
export function wholeWindow(plane: PlaneSize, size: PlaneSize, multiple: number): PlaneWindow {
  const grow = (needed: number, planned: number) =>
    needed <= planned ? planned : Math.ceil(needed / multiple) * multiple;
  return centredWindow(plane, { rows: grow(plane.rows, size.rows), columns: grow(plane.columns, size.columns) });
}

/**
 * Copies what a window shows of a plane.
 *
 * @param source one plane, row-major
 * @param target the window's pixels are written from `offset` on, row-major
 * @param padding what is written where the window reaches beyond the plane
 */
export function readWindow(
  source: Float32Array | Int16Array,
  plane: PlaneSize,
  window: PlaneWindow,
  target: Float32Array | Int16Array,
  offset: number,
  padding: number,
): void {
  const { first, last } = overlap(window.columnStart, window.columns, plane.columns);
  for (let row = 0; row < window.rows; row++) {
    const to = offset + row * window.columns;
    const planeRow = row + window.rowStart;
    if (planeRow < 0 || planeRow >= plane.rows || first >= last) {
      target.fill(padding, to, to + window.columns);
      continue;
    }
    const from = planeRow * plane.columns + window.columnStart;
    target.fill(padding, to, to + first);
    target.set(source.subarray(from + first, from + last), to + first);
    target.fill(padding, to + last, to + window.columns);
  }
}

/**
 * Copies a window's pixels to where they lie in a plane: the inverse of `readWindow`. Pixels beyond the plane are
 * dropped.
 */
export function writeWindow(source: Float32Array, plane: PlaneSize, window: PlaneWindow, target: Float32Array): void {
  const { first, last } = overlap(window.columnStart, window.columns, plane.columns);
  const rows = overlap(window.rowStart, window.rows, plane.rows);
  if (first >= last) return;
  for (let row = rows.first; row < rows.last; row++) {
    const from = row * window.columns;
    target.set(
      source.subarray(from + first, from + last),
      (row + window.rowStart) * plane.columns + window.columnStart + first,
    );
  }
}

/** Returns the window's pixels along one axis that lie on the plane: `[first, last)`. */
function overlap(start: number, extent: number, planeExtent: number): { first: number; last: number } {
  return { first: Math.max(0, -start), last: Math.min(extent, planeExtent - start) };
}
