import { IGNORED } from '../plane-transform.ts';
import { STORED_PER_UNIT, type StoredSlice } from '../stored-slice.ts';
import type { ElasticField } from './elastic-field.ts';
import type { PlaneMap } from './plane-map.ts';

/** Where one sample of a batch goes. */
export interface SampleTarget {
  readonly rows: number;
  readonly columns: number;
  /** `[plane, row, column]`, as many planes as the slice has. */
  readonly input: Float32Array;
  /** `[row, column]` */
  readonly target: Float32Array;
  /** `[row, column]`: 1 where the pixel shows nothing of the slice. */
  readonly outside: Uint8Array;
}

/**
 * The one resampling of a sample: planes (linearly) and classes (nearest pixel) of a slice seen through `map`, with every
 * pixel of the plane displaced by `field` before. Outside the slice the input is 0 and the target `IGNORED`.
 */
export function moveSlice(
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
      if (nearRow < 0 || nearColumn < 0 || nearRow >= sourceRows || nearColumn >= sourceColumns) {
        outside[write] = 1;
        target[write] = IGNORED;
        for (let plane = 0; plane < count; plane++) input[plane * pixels + write] = 0;
        continue;
      }
      outside[write] = 0;
      target[write] = classes[nearRow * sourceColumns + nearColumn];
      // The outermost half pixel of the field of view has a neighbour on one side only.
      const top = Math.min(Math.max(0, Math.floor(y)), sourceRows - 1);
      const left = Math.min(Math.max(0, Math.floor(x)), sourceColumns - 1);
      const toRight = left + 1 < sourceColumns ? 1 : 0;
      const toBelow = top + 1 < sourceRows ? sourceColumns : 0;
      const down = Math.max(0, y - top);
      const right = Math.max(0, x - left);
      let read = top * sourceColumns + left;
      for (let plane = 0; plane < count; plane++, read += sourcePixels) {
        const upper = planes[read] + right * (planes[read + toRight] - planes[read]);
        const lower = planes[read + toBelow] + right * (planes[read + toBelow + toRight] - planes[read + toBelow]);
        input[plane * pixels + write] = (upper + down * (lower - upper)) * scale;
      }
    }
  }
}
