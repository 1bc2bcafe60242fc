import type { SlicePlane } from '../../geometry/slice-plane.ts';
import { type GridPoint, InvalidGestureError, type ToolGesture } from '../tool.ts';
import { type SliceLayout, sliceLayout } from './slice-layout.ts';
import { SpanLines } from './span-lines.ts';

/** This is far above any volume or brush; below it the arithmetic cannot overflow. */
const LIMIT = 1e7;

/** Makes voxels that lie exactly on a rim count as inside on all sides, whatever way rounding goes. */
export const TIE = 1e-9;

/** A round shape that is moved along a path. */
export interface SweptGesture extends ToolGesture {
  readonly path: readonly GridPoint[];
  readonly radiusMm: number;
}

/**
 * Visits the voxels under a disc that is moved along a path, as ranges of linear offsets (`i + nx * (j + ny * k)`),
 * ascending and disjoint: a voxel of the slice is under it when its centre lies within `radiusMm` (in the plane,
 * physical distance) of the path, or when the path passes through it, so that no brush is too small to draw a line
 * without gaps. Voxels beyond the slice are cut off. It takes about (segments x rows under one segment) steps.
 * @throws InvalidGestureError
 */
export function forEachSweptDiscRange(
  plane: SlicePlane,
  gesture: SweptGesture,
  visit: (start: number, length: number) => void,
): void {
  const slice = sliceLayout(plane, gesture);
  checkSwept(gesture);
  const points = gesture.path.map(slice.uv);
  const lines = new SpanLines(slice.uCount, slice.vCount);
  forEachSegment(points, (from, to) => {
    addPassedThrough(lines, from, to);
    addCapsule(lines, from, to, slice, gesture.radiusMm);
  });
  lines.forEach((line, from, to) => {
    const start = slice.base + line * slice.vStride + from * slice.uStride;
    if (slice.uStride === 1) visit(start, to - from + 1);
    else for (let n = 0; n <= to - from; n++) visit(start + n * slice.uStride, 1);
  });
}

/** @throws InvalidGestureError */
export function checkSwept({ path, radiusMm }: SweptGesture): void {
  if (!(radiusMm >= 0 && radiusMm <= LIMIT)) throw new InvalidGestureError('its radius is no length');
  if (path.length === 0) throw new InvalidGestureError('it has no points');
  for (const [column, row] of path) {
    if (!(Math.abs(column) <= LIMIT && Math.abs(row) <= LIMIT))
      throw new InvalidGestureError('a point is out of range');
  }
}

/** Visits the segments of a path; a single point is one from itself to itself. */
export function forEachSegment<Point>(points: readonly Point[], visit: (from: Point, to: Point) => void): void {
  if (points.length === 1) visit(points[0], points[0]);
  for (let n = 1; n < points.length; n++) visit(points[n - 1], points[n]);
}

/** Adds all voxels that the segment from `a` to `b` (voxel coordinates [u, v]) passes through. */
export function addPassedThrough(lines: SpanLines, a: GridPoint, b: GridPoint): void {
  const [low, high] = a[1] <= b[1] ? [a, b] : [b, a];
  const first = Math.max(0, Math.round(low[1]));
  const last = Math.min(lines.lineCount - 1, Math.round(high[1]));
  const slope = high[1] > low[1] ? (high[0] - low[0]) / (high[1] - low[1]) : 0;
  for (let line = first; line <= last; line++) {
    // This is the part of the segment within [line - 0.5, line + 0.5]; at its own ends nothing is divided, so that they
    // stay exact.
    const enter = line - 0.5 <= low[1] ? low[0] : low[0] + slope * (line - 0.5 - low[1]);
    const leave = line + 0.5 >= high[1] ? high[0] : low[0] + slope * (line + 0.5 - low[1]);
    lines.add(line, Math.round(Math.min(enter, leave)), Math.round(Math.max(enter, leave)));
  }
}

/** Adds all voxels whose centres lie within `radiusMm` of the segment from `a` to `b` (voxel coordinates [u, v]). */
function addCapsule(lines: SpanLines, a: GridPoint, b: GridPoint, { uMm, vMm }: SliceLayout, radiusMm: number): void {
  const radius = radiusMm * (1 + TIE);
  const [ax, ay, bx, by] = [a[0] * uMm, a[1] * vMm, b[0] * uMm, b[1] * vMm];
  const [dx, dy] = [bx - ax, by - ay];
  const length = Math.hypot(dx, dy);
  const first = Math.max(0, Math.ceil((Math.min(ay, by) - radius) / vMm));
  const last = Math.min(lines.lineCount - 1, Math.floor((Math.max(ay, by) + radius) / vMm));
  for (let line = first; line <= last; line++) {
    const y = line * vMm;
    let from = Number.POSITIVE_INFINITY;
    let to = Number.NEGATIVE_INFINITY;
    // A capsule is convex, so a line cuts it in one interval: the hull of what it cuts from both discs and the
    // rectangle between them.
    for (const [cx, cy] of [
      [ax, ay],
      [bx, by],
    ]) {
      const square = radius * radius - (y - cy) * (y - cy);
      if (square < 0) continue;
      from = Math.min(from, cx - Math.sqrt(square));
      to = Math.max(to, cx + Math.sqrt(square));
    }
    if (length > 0) {
      // The rectangle is 0 <= (p - a).d <= length^2 and |(p - a) x d| <= radius * length; each bounds x at this y.
      const along = between(dx, dy * (y - ay), 0, length * length);
      const across = between(-dy, dx * (y - ay), -radius * length, radius * length);
      const start = Math.max(along[0], across[0]) + ax;
      const end = Math.min(along[1], across[1]) + ax;
      if (start <= end) {
        from = Math.min(from, start);
        to = Math.max(to, end);
      }
    }
    lines.add(line, Math.ceil(from / uMm - TIE), Math.floor(to / uMm + TIE));
  }
}

/** Returns the interval of x with `low <= factor * x + offset <= high`. An empty one is [Infinity, -Infinity]. */
function between(factor: number, offset: number, low: number, high: number): readonly [number, number] {
  if (factor === 0) {
    return offset >= low && offset <= high
      ? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]
      : [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  }
  const one = (low - offset) / factor;
  const other = (high - offset) / factor;
  return one <= other ? [one, other] : [other, one];
}
