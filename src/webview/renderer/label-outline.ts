import type { LabelLayer } from './slice-renderer.ts';

/** A border between pixels in plane coordinates, where pixel (c, r) covers [c, c + 1) x [r, r + 1). */
export interface OutlineSegment {
  readonly label: number;
  readonly fromColumn: number;
  readonly fromRow: number;
  readonly toColumn: number;
  readonly toRow: number;
  /** A unit step towards the inside of the label's region: [columns, rows]. */
  readonly inward: readonly [number, number];
}

/**
 * The borders of all regions of a layer, one segment per straight stretch. A border between two labels is listed for
 * both. Background has no border; the edge of the slice is a border.
 */
export function labelOutline(layer: LabelLayer): OutlineSegment[] {
  const { columns, rows, data } = layer;
  const segments: OutlineSegment[] = [];
  const at = (column: number, row: number) =>
    column < 0 || row < 0 || column >= columns || row >= rows ? 0 : data[column + columns * row];

  /**
   * Collects stretches of one label along a line of borders; `inside` and `outside` give the labels on its two sides.
   */
  const trace = (
    length: number,
    inside: (n: number) => number,
    outside: (n: number) => number,
    emit: (label: number, from: number, to: number) => void,
  ) => {
    let label = 0;
    let from = 0;
    for (let n = 0; n <= length; n++) {
      const own = n < length ? inside(n) : 0;
      const border = n < length && own !== 0 && own !== outside(n) ? own : 0;
      if (border === label) continue;
      if (label !== 0) emit(label, from, n);
      label = border;
      from = n;
    }
  };

  for (let row = 0; row < rows; row++) {
    for (const step of [-1, 1] as const) {
      const line = step < 0 ? row : row + 1;
      trace(
        columns,
        (n) => at(n, row),
        (n) => at(n, row + step),
        (label, from, to) =>
          segments.push({ label, fromColumn: from, fromRow: line, toColumn: to, toRow: line, inward: [0, -step] }),
      );
    }
  }
  for (let column = 0; column < columns; column++) {
    for (const step of [-1, 1] as const) {
      const line = step < 0 ? column : column + 1;
      trace(
        rows,
        (n) => at(column, n),
        (n) => at(column + step, n),
        (label, from, to) =>
          segments.push({ label, fromColumn: line, fromRow: from, toColumn: line, toRow: to, inward: [-step, 0] }),
      );
    }
  }
  return segments;
}
