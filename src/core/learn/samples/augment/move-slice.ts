import { IGNORED } from '../../planes/plane-transform.ts';
import { STORED_PER_UNIT, type StoredSlice } from '../../planes/stored-slice.ts';
import type { ElasticField } from './elastic-field.ts';
import type { PlaneMap } from './plane-map.ts';

/** Where one sample of a batch goes. */
export interface SampleTarget {
  readonly rows: number;
  readonly columns: number;
  /** `[plane, row, column]`; there are as many planes as the slice has. */
  readonly input: Float32Array;
  /** `[row, column]` */
  readonly target: Float32Array;
  /** `[row, column]`: 1 where the pixel shows nothing of the slice. */
  readonly outside: Uint8Array;
}

/**
 * Resamples a sample, once: planes (linearly) and classes (nearest pixel) of a slice are seen through `map`, with every
 * pixel of the plane displaced by `field` before. Outside the slice the target is `IGNORED`, and the input that of the
 * slice's nearest pixel, so that a blur that follows finds no edge there.
 */
export function moveSlice(
  slice: StoredSlice,
  map: PlaneMap,
  field: ElasticField | undefined,
  sample: SampleTarget,
): void {
  if (!field && isWholePixelShift(map)) shiftSlice(slice, map.rowStart, map.columnStart, sample);
  else resampleSlice(slice, map, field, sample);
}

function resampleSlice(
  slice: StoredSlice,
  map: PlaneMap,
  field: ElasticField | undefined,
  { rows, columns, input, target, outside }: SampleTarget,
): void {
  const { planes, classes } = slice;
  const [sourceRows, sourceColumns] = [slice.rows, slice.columns];
  const sourcePixels = sourceRows * sourceColumns;
  const pixels = rows * columns;
  const count = planes.length / sourcePixels;
  const scale = 1 / STORED_PER_UNIT;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const write = row * columns + column;
      const planeRow = field ? row + field.down[write] : row;
      const planeColumn = field ? column + field.across[write] : column;
      const y = map.rowFromRow * planeRow + map.rowFromColumn * planeColumn + map.rowStart;
      const x = map.columnFromRow * planeRow + map.columnFromColumn * planeColumn + map.columnStart;
      const nearRow = Math.floor(y + 0.5);
      const nearColumn = Math.floor(x + 0.5);
      const isInside = nearRow >= 0 && nearColumn >= 0 && nearRow < sourceRows && nearColumn < sourceColumns;
      outside[write] = isInside ? 0 : 1;
      target[write] = isInside ? classes[nearRow * sourceColumns + nearColumn] : IGNORED;
      const clampedRow = Math.min(sourceRows - 1, Math.max(0, y));
      const clampedColumn = Math.min(sourceColumns - 1, Math.max(0, x));
      const top = Math.floor(clampedRow);
      const left = Math.floor(clampedColumn);
      const toRight = left + 1 < sourceColumns ? 1 : 0;
      const toBelow = top + 1 < sourceRows ? sourceColumns : 0;
      const down = clampedRow - top;
      const right = clampedColumn - left;
      let read = top * sourceColumns + left;
      for (let plane = 0; plane < count; plane++, read += sourcePixels) {
        const upper = planes[read] + right * (planes[read + toRight] - planes[read]);
        const lower = planes[read + toBelow] + right * (planes[read + toBelow + toRight] - planes[read + toBelow]);
        input[plane * pixels + write] = (upper + down * (lower - upper)) * scale;
      }
    }
  }
}

/**
 * Says whether nothing needs to be weighed: most slices of a large cohort are not moved by fractions of a pixel at all.
 */
function isWholePixelShift({ rowFromRow, rowFromColumn, rowStart, ...map }: PlaneMap): boolean {
  const isTurned = rowFromColumn !== 0 || map.columnFromRow !== 0;
  return (
    rowFromRow === 1 &&
    map.columnFromColumn === 1 &&
    !isTurned &&
    Number.isInteger(rowStart) &&
    Number.isInteger(map.columnStart)
  );
}

function shiftSlice(
  slice: StoredSlice,
  rowStart: number,
  columnStart: number,
  { rows, columns, input, target, outside }: SampleTarget,
): void {
  const sourcePixels = slice.rows * slice.columns;
  const count = slice.planes.length / sourcePixels;
  const scale = 1 / STORED_PER_UNIT;
  const fromColumn = Int32Array.from({ length: columns }, (_, column) =>
    Math.min(slice.columns - 1, Math.max(0, column + columnStart)),
  );
  for (let row = 0, write = 0; row < rows; row++) {
    const fromRow = Math.min(slice.rows - 1, Math.max(0, row + rowStart));
    for (let column = 0; column < columns; column++, write++) {
      const isInside = fromRow === row + rowStart && fromColumn[column] === column + columnStart;
      outside[write] = isInside ? 0 : 1;
      target[write] = isInside ? slice.classes[fromRow * slice.columns + fromColumn[column]] : IGNORED;
    }
    for (let plane = 0; plane < count; plane++) {
      const from = plane * sourcePixels + fromRow * slice.columns;
      const to = (plane * rows + row) * columns;
      for (let column = 0; column < columns; column++) {
        input[to + column] = slice.planes[from + fromColumn[column]] * scale;
      }
    }
  }
}
