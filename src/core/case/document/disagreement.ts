import type { SlicePlane } from '../../geometry/slice-plane.ts';
import type { Vec3, VoxelAxis } from '../../geometry/vector.ts';
import type { LabelArray, ReadonlyLabelMap } from '../../label/label-map.ts';
import { forEachSlicePiece } from '../state/slice-pieces.ts';

/** Counts the voxels of each slice along `axis` that have another label in `other`. Both maps are of one shape. */
export function differingVoxels(labels: ReadonlyLabelMap, other: ReadonlyLabelMap, axis: VoxelAxis): number[] {
  const counts = new Array<number>(labels.shape[axis]).fill(0);
  labels.forEachRun(0, labels.voxelCount, (label, start, length) => {
    other.forEachRun(start, length, (theirs, at, count) => {
      if (theirs === label) return;
      forEachSlicePiece(labels.shape, axis, at, count, (slice, _start, voxels) => {
        counts[slice] += voxels;
      });
    });
  });
  return counts;
}

/**
 * Draws where two people's labels differ on one slice, as a picture: 0 where they agree, else the OTHER's label plus
 * one (so 1 is where the other has background). Pixel (column, row) is element `column + columns * row`.
 */
export function disagreementPixels(labels: LabelArray, other: LabelArray): Uint16Array {
  const pixels = new Uint16Array(labels.length);
  for (let n = 0; n < labels.length; n++) {
    // The last of 65,535 labels shows as the one before it: 16 bits hold no more.
    if (labels[n] !== other[n]) pixels[n] = Math.min(other[n] + 1, 0xffff);
  }
  return pixels;
}

/**
 * Lists slices still to be decided, most differing voxels first; of equals the lower one first.
 * @param counts by slice (`differingVoxels`)
 * @param isDecided whether somebody has decided about a slice already
 */
export function openDisagreements(counts: readonly number[], isDecided: (slice: number) => boolean): number[] {
  return [...counts.keys()]
    .filter((slice) => counts[slice] > 0 && !isDecided(slice))
    .sort((a, b) => counts[b] - counts[a] || a - b);
}

/**
 * Returns the pixels of one piece of disagreement: those that differ and hang together with (`column`, `row`), over
 * edges and corners, whatever their labels. The list is empty where the two agree there.
 * @returns indices `column + columns * row`, in no order
 */
export function disagreementPiece(
  pixels: ArrayLike<number>,
  { columns, rows }: Pick<SlicePlane, 'columns' | 'rows'>,
  column: number,
  row: number,
): number[] {
  const start = column + columns * row;
  if (column < 0 || row < 0 || column >= columns || row >= rows || pixels[start] === 0) return [];
  const seen = new Uint8Array(columns * rows);
  const piece = [start];
  seen[start] = 1;
  for (const pixel of piece) {
    const x = pixel % columns;
    const y = (pixel - x) / columns;
    for (let ny = Math.max(0, y - 1); ny <= Math.min(rows - 1, y + 1); ny++) {
      for (let nx = Math.max(0, x - 1); nx <= Math.min(columns - 1, x + 1); nx++) {
        const next = nx + columns * ny;
        if (seen[next] === 1 || pixels[next] === 0) continue;
        seen[next] = 1;
        piece.push(next);
      }
    }
  }
  return piece;
}

/** Returns the pixel of a piece that is nearest to the piece's middle, as [column, row]: a place to look at. */
export function middleOfPiece(piece: readonly number[], columns: number): readonly [column: number, row: number] {
  const x = (pixel: number) => pixel % columns;
  const y = (pixel: number) => Math.floor(pixel / columns);
  const mean = (of: (pixel: number) => number) => piece.reduce((sum, pixel) => sum + of(pixel), 0) / piece.length;
  const [middleX, middleY] = [mean(x), mean(y)];
  const distance = (pixel: number) => Math.hypot(x(pixel) - middleX, y(pixel) - middleY);
  const nearest = piece.reduce((best, pixel) => (distance(pixel) < distance(best) ? pixel : best));
  return [x(nearest), y(nearest)];
}

/** Returns the largest piece of disagreement on a slice. It is undefined where the two agree on all of it. */
export function largestPiece(
  pixels: ArrayLike<number>,
  size: Pick<SlicePlane, 'columns' | 'rows'>,
): readonly number[] | undefined {
  const seen = new Uint8Array(size.columns * size.rows);
  let largest: readonly number[] | undefined;
  for (let pixel = 0; pixel < seen.length; pixel++) {
    if (pixels[pixel] === 0 || seen[pixel] === 1) continue;
    const piece = disagreementPiece(pixels, size, pixel % size.columns, Math.floor(pixel / size.columns));
    for (const member of piece) seen[member] = 1;
    if (piece.length > (largest?.length ?? 0)) largest = piece;
  }
  return largest;
}

/** Returns the linear offset of a voxel, `i + nx * (j + ny * k)`. */
export function voxelOffset([i, j, k]: Vec3, [nx, ny]: Vec3): number {
  return i + nx * (j + ny * k);
}
