import { type Affine, affineColumn, invertAffine, transformDirection } from '../../geometry/affine.ts';
import type { SlicePlane } from '../../geometry/slice-plane.ts';
import type { Vec3 } from '../../geometry/vector.ts';
import { type SliceLayout, sliceLayout } from '../raster/slice-layout.ts';
import { SpanLines } from '../raster/span-lines.ts';
import { addPassedThrough, checkSwept, forEachSegment, type SweptGesture, TIE } from '../raster/swept-disc.ts';
import { type GridPoint, InvalidGestureError, MOST_WORK } from '../tool.ts';

/**
 * Visits the voxels in a ball that is moved along a path within a slice, as ranges of linear offsets, ascending and
 * disjoint: a voxel is in it when its centre lies within `radiusMm` of the path in the world, on whatever grid, or when
 * the path passes through it. Voxels beyond the volume are cut off. It takes about (segments x rows along i under one
 * segment) steps.
 * @param plane the one that the gesture names
 * @throws InvalidGestureError
 */
export function forEachSweptBallRange(
  plane: SlicePlane,
  gesture: SweptGesture,
  visit: (start: number, length: number) => void,
): void {
  const slice = sliceLayout(plane, gesture);
  checkSwept(gesture);
  const [nx, ny, nz] = plane.grid.shape;
  const lines = new SpanLines(nx, ny * nz);
  addPath(lines, plane, slice, gesture);
  const ball = new Ball(plane.grid.voxelToWorld, plane.grid.shape, gesture.radiusMm);
  const points = gesture.path.map(([column, row]) => voxelAt(plane, gesture.slice, column, row));
  let rows = 0;
  let segments = 0;
  forEachSegment(points, (from, to) => {
    rows += ball.rowsAround(from, to);
    segments++;
    if (segments > 1 && rows > MOST_WORK) throw new InvalidGestureError('it is too long for so large a ball');
  });
  forEachSegment(points, (from, to) => ball.addSwept(lines, from, to));
  lines.forEach((line, from, to) => {
    visit(line * nx + from, to - from + 1);
  });
}

/** Returns how many rows along i are looked at for one segment of a path: that is the work. */
export function rowsUnderSegment(
  plane: SlicePlane,
  { slice, radiusMm }: Pick<SweptGesture, 'slice' | 'radiusMm'>,
  [from, to]: readonly [GridPoint, GridPoint],
): number {
  const ball = new Ball(plane.grid.voxelToWorld, plane.grid.shape, radiusMm);
  return ball.rowsAround(voxelAt(plane, slice, ...from), voxelAt(plane, slice, ...to));
}

function voxelAt(plane: SlicePlane, slice: number, column: number, row: number): Vec3 {
  const voxel: [number, number, number] = [slice, slice, slice];
  voxel[plane.columnAxis] = column;
  voxel[plane.rowAxis] = row;
  return voxel;
}

/** Adds what the path passes through in its slice, as rows along i (line `j + ny * k`). */
function addPath(lines: SpanLines, plane: SlicePlane, slice: SliceLayout, { path, slice: index }: SweptGesture): void {
  const inSlice = new SpanLines(slice.uCount, slice.vCount);
  forEachSegment(path.map(slice.uv), (from: GridPoint, to: GridPoint) => addPassedThrough(inSlice, from, to));
  const ny = plane.grid.shape[1];
  inSlice.forEach((line, from, to) => {
    if (slice.u === 0) lines.add(slice.v === 1 ? line + ny * index : index + ny * line, from, to);
    else for (let j = from; j <= to; j++) lines.add(j + ny * line, index, index);
  });
}

/** A ball of the world on a grid, which need not be at right angles. */
class Ball {
  readonly #radius: number;
  /** How far the ball reaches along j and k, in voxels. */
  readonly #reachJ: number;
  readonly #reachK: number;
  /** The step of the world from one voxel to the next along i. */
  readonly #alongI: Vec3;

  constructor(
    private readonly voxelToWorld: Affine,
    private readonly shape: Vec3,
    radiusMm: number,
  ) {
    this.#radius = radiusMm * (1 + TIE);
    // Row r of the inverse has its largest product, of all points within the radius, with the one along itself.
    const inverse = invertAffine(voxelToWorld);
    this.#reachJ = this.#radius * Math.hypot(inverse[4], inverse[5], inverse[6]) + TIE;
    this.#reachK = this.#radius * Math.hypot(inverse[8], inverse[9], inverse[10]) + TIE;
    this.#alongI = affineColumn(voxelToWorld, 0);
  }

  rowsAround(from: Vec3, to: Vec3): number {
    const [firstJ, lastJ, firstK, lastK] = this.#box(from, to);
    return Math.max(0, lastJ - firstJ + 1) * Math.max(0, lastK - firstK + 1);
  }

  /**
   * Adds all voxels whose centres lie within the radius of the segment. A capsule is convex, so each row cuts it in one
   * span.
   */
  addSwept(lines: SpanLines, from: Vec3, to: Vec3): void {
    const [firstJ, lastJ, firstK, lastK] = this.#box(from, to);
    const along = transformDirection(this.voxelToWorld, [to[0] - from[0], to[1] - from[1], to[2] - from[2]]);
    const isPoint = dot(along, along) === 0;
    for (let k = firstK; k <= lastK; k++) {
      for (let j = firstJ; j <= lastJ; j++) {
        // A piece of a path must cover the same whatever lies beside it, so both ends are looked at alike.
        let [start, end] = this.#cut(from, j, k);
        if (!isPoint) {
          const [endStart, endEnd] = this.#cut(to, j, k);
          const [sideStart, sideEnd] = this.#cutSide(from, along, j, k);
          start = Math.min(start, endStart, sideStart);
          end = Math.max(end, endEnd, sideEnd);
        }
        lines.add(j + this.shape[1] * k, Math.ceil(start - TIE), Math.floor(end + TIE));
      }
    }
  }

  /** Returns the rows that the ball may reach: j from, to, k from, to, both included. */
  #box(from: Vec3, to: Vec3): readonly [number, number, number, number] {
    return [
      Math.max(0, Math.ceil(Math.min(from[1], to[1]) - this.#reachJ)),
      Math.min(this.shape[1] - 1, Math.floor(Math.max(from[1], to[1]) + this.#reachJ)),
      Math.max(0, Math.ceil(Math.min(from[2], to[2]) - this.#reachK)),
      Math.min(this.shape[2] - 1, Math.floor(Math.max(from[2], to[2]) + this.#reachK)),
    ];
  }

  /**
   * Returns where along i the row (j, k) enters and leaves the ball around `centre`: |q + t a| <= radius for the offset
   * t.
   */
  #cut(centre: Vec3, j: number, k: number): readonly [number, number] {
    const q = transformDirection(this.voxelToWorld, [0, j - centre[1], k - centre[2]]);
    const [start, end] = within(q, this.#alongI, this.#radius);
    return [centre[0] + start, centre[0] + end];
  }

  /**
   * Returns the same for the cylinder between both ends: it is within the radius across the segment, and between 0 and
   * its length along it.
   */
  #cutSide(from: Vec3, along: Vec3, j: number, k: number): readonly [number, number] {
    const q = transformDirection(this.voxelToWorld, [0, j - from[1], k - from[2]]);
    const length = dot(along, along);
    const qAlong = dot(q, along) / length;
    const stepAlong = dot(this.#alongI, along) / length;
    const across = within(less(q, along, qAlong), less(this.#alongI, along, stepAlong), this.#radius);
    const [low, high] = between(stepAlong, qAlong);
    const start = Math.max(across[0], low);
    const end = Math.min(across[1], high);
    return start <= end ? [from[0] + start, from[0] + end] : NOWHERE;
  }
}

const NOWHERE = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY] as const;
const EVERYWHERE = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY] as const;

/** Returns the t with |q + t a| <= radius, from a t^2 + 2 b t + c <= 0. */
function within(q: Vec3, a: Vec3, radius: number): readonly [number, number] {
  const square = dot(a, a);
  const b = dot(q, a);
  const c = dot(q, q) - radius * radius;
  if (square === 0) return c <= 0 ? EVERYWHERE : NOWHERE;
  const discriminant = b * b - square * c;
  if (discriminant < 0) return NOWHERE;
  const root = Math.sqrt(discriminant);
  return [(-b - root) / square, (-b + root) / square];
}

/** Returns the t with 0 <= factor t + offset <= 1. */
function between(factor: number, offset: number): readonly [number, number] {
  if (factor === 0) return offset >= 0 && offset <= 1 ? EVERYWHERE : NOWHERE;
  const one = -offset / factor;
  const other = (1 - offset) / factor;
  return one <= other ? [one, other] : [other, one];
}

function dot(a: Vec3, b: Vec3): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

/** Returns `vector - factor * direction`. */
function less(vector: Vec3, direction: Vec3, factor: number): Vec3 {
  return [vector[0] - factor * direction[0], vector[1] - factor * direction[1], vector[2] - factor * direction[2]];
}
