import { type CancelSignal, throwIfCancelled } from '../cancel.ts';
import { type LatticePlacement, placeVoxel } from '../geometry/lattice.ts';
import type { Vec3, VoxelAxis } from '../geometry/vector.ts';
import { type LabelArray, LabelMap, type ReadonlyLabelMap } from './label-map.ts';
import { LabelMapShapeError } from './label-map-errors.ts';

/** So many voxels go between two pauses: they take some milliseconds. */
const PIECE_VOXELS = 2 ** 20;

/**
 * Puts the labels of `inner` at their places in a label map of `shape`; everything else is background.
 *
 * `inner` is taken plane by plane. A plane holds two of its axes, i and the one that runs along the rows of the outer
 * map (j where that is i itself), so that planes are read in whole rows and written in whole rows, however the axes are
 * turned.
 *
 * @param options.pause lets others have their turn, so that who wants to cancel is heard
 * @throws LabelMapShapeError if a labelled voxel lies outside of `shape`: no label is ever cut off without a word
 * @throws CancelledError
 */
export async function placeLabels(
  inner: ReadonlyLabelMap,
  placement: LatticePlacement,
  shape: Vec3,
  options: { readonly pause: () => Promise<void>; readonly signal?: CancelSignal | undefined },
): Promise<LabelMap> {
  const placed = new LabelMap(shape);
  const isTransposed = placement.axes[0] !== 0;
  const p = isTransposed ? (placement.axes.indexOf(0) as VoxelAxis) : 1;
  const q = (3 - p) as VoxelAxis;
  const plane = new PlaneReader(inner, p);
  const rowLength = inner.shape[isTransposed ? p : 0];
  const row = inner.highestLabel > 255 ? new Uint16Array(rowLength) : new Uint8Array(rowLength);
  // `along` runs along an outer row, `across` tells one row of the plane from the next.
  const [along, across] = isTransposed ? [p, 0 as VoxelAxis] : [0 as VoxelAxis, p];
  let lost = 0;
  let sincePause = 0;
  for (let at = 0; at < inner.shape[q]; at++) {
    sincePause += plane.voxels;
    if (sincePause >= PIECE_VOXELS) {
      sincePause = 0;
      await options.pause();
      throwIfCancelled(options.signal);
    }
    if (!plane.read(at)) continue;
    for (let n = 0; n < inner.shape[across]; n++) {
      plane.takeRow(row, n, isTransposed);
      const labelled = labelledPart(row);
      if (labelled === null) continue;
      const [first, end] = labelled;
      const voxel: [number, number, number] = [0, 0, 0];
      voxel[q] = at;
      voxel[across] = n;
      voxel[along] = first;
      lost += writeRow(placed, row.subarray(first, end), placeVoxel(placement, voxel), placement.signs[along]);
    }
  }
  if (lost > 0) {
    throw new LabelMapShapeError(
      `${lost} labelled voxels of this file lie outside of its image: they do not belong together. Rename or replace the label file, then open the image again.`,
    );
  }
  placed.recompact();
  return placed;
}

/** Reads planes of a label map that hold the whole axis i and another one. */
class PlaneReader {
  readonly voxels: number;
  readonly #labels: LabelArray;
  readonly #rows: number;
  readonly #rowStep: number;
  readonly #planeStep: number;

  /** @param p the other axis of the plane: j or k */
  constructor(
    private readonly map: ReadonlyLabelMap,
    p: VoxelAxis,
  ) {
    const [ni, nj] = map.shape;
    this.#rows = map.shape[p];
    this.voxels = ni * this.#rows;
    this.#labels = map.highestLabel > 255 ? new Uint16Array(this.voxels) : new Uint8Array(this.voxels);
    [this.#rowStep, this.#planeStep] = p === 1 ? [ni, ni * nj] : [ni * nj, ni];
  }

  /** @returns false where the plane holds background only, and nothing was kept of it */
  read(plane: number): boolean {
    const [ni] = this.map.shape;
    const start = plane * this.#planeStep;
    if (this.#rowStep === ni) this.map.readInto(start, this.voxels, this.#labels);
    else {
      for (let n = 0; n < this.#rows; n++) this.map.readInto(start + n * this.#rowStep, ni, this.#labels, n * ni);
    }
    for (let at = 0; at < this.voxels; at++) if (this.#labels[at] !== 0) return true;
    return false;
  }

  /** Copies a row along i, or, `transposed`, the voxels of all rows that have i = `n`. */
  takeRow(target: LabelArray, n: number, transposed: boolean): void {
    const [ni] = this.map.shape;
    if (!transposed) target.set(this.#labels.subarray(n * ni, (n + 1) * ni));
    else for (let at = 0; at < target.length; at++) target[at] = this.#labels[n + at * ni];
  }
}

/** Returns the range from the first to behind the last voxel that is not background. It is null where there is none. */
function labelledPart(row: LabelArray): [number, number] | null {
  let first = 0;
  while (first < row.length && row[first] === 0) first++;
  if (first === row.length) return null;
  let end = row.length;
  while (row[end - 1] === 0) end--;
  return [first, end];
}

/**
 * Writes labels along the outer i axis, from `voxel` on, upwards or downwards.
 * @param labels may be reversed
 * @returns how many labelled voxels lie outside
 */
function writeRow(target: LabelMap, labels: LabelArray, [i, j, k]: Vec3, sign: 1 | -1): number {
  const [ni, nj, nk] = target.shape;
  if (sign < 0) labels.reverse();
  const lowest = sign < 0 ? i - labels.length + 1 : i;
  const isInside = j >= 0 && j < nj && k >= 0 && k < nk;
  const from = isInside ? clamp(-lowest, labels.length) : 0;
  const end = isInside ? Math.max(from, clamp(ni - lowest, labels.length)) : 0;
  if (end > from) target.write(lowest + from + ni * (j + nj * k), labels.subarray(from, end));
  return labelledVoxels(labels.subarray(0, from)) + labelledVoxels(labels.subarray(end));
}

function clamp(at: number, length: number): number {
  return Math.min(Math.max(at, 0), length);
}

function labelledVoxels(labels: LabelArray): number {
  let count = 0;
  for (const label of labels) if (label !== 0) count++;
  return count;
}
