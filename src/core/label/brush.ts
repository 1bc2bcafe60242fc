import { VoxelLoopError } from '../errors.ts';
import type { SlicePlane } from '../geometry/slice-plane.ts';
import { type LabelEdit, MAX_LABEL } from './label-edit.ts';
import { RunCollector } from './label-edit-builder.ts';
import type { ReadonlyLabelMap } from './label-map.ts';
import type { BrushStroke } from './stroke.ts';

/**
 * A stroke cannot be drawn: it has no point, a number that is none, or no slice of this volume. There is a defect, or
 * the message is hostile.
 */
export class InvalidStrokeError extends VoxelLoopError {
  readonly code = 'invalid-stroke';

  constructor(reason: string) {
    super(`This stroke cannot be drawn (${reason}). Try again.`);
  }
}

/** This is far above any volume or brush; below it the arithmetic cannot overflow. */
const LIMIT = 1e7;

/** Makes voxels that lie exactly on the brush's rim count as inside on all sides, whatever way rounding goes. */
const TIE = 1e-9;

/**
 * Visits the voxels under a stroke as ranges of linear offsets (`i + nx * (j + ny * k)`), ascending and disjoint. The
 * stroke is the union of capsules (all points within the radius of a segment of the path) and of the voxels that the
 * path passes through, cut off at the edges of the slice. Takes about (segments x rows under one segment) steps.
 * @throws InvalidStrokeError
 */
export function forEachStrokeRange(
  plane: SlicePlane,
  stroke: BrushStroke,
  visit: (start: number, length: number) => void,
): void {
  checkStroke(plane, stroke);
  // Scan along the lower voxel axis (u) line by line of the higher one (v): offsets then come in ascending order.
  const columnsAreLines = plane.columnAxis < plane.rowAxis;
  const size = [0, 0, 0];
  size[plane.normalAxis] = plane.sliceCount;
  size[plane.columnAxis] = plane.columns;
  size[plane.rowAxis] = plane.rows;
  const strides = [1, size[0], size[0] * size[1]];
  const u = columnsAreLines ? plane.columnAxis : plane.rowAxis;
  const v = columnsAreLines ? plane.rowAxis : plane.columnAxis;
  const points = stroke.path.map(([column, row]): readonly [number, number] =>
    columnsAreLines ? [column, row] : [row, column],
  );
  const lines = new SpanLines(size[u], size[v]);
  const uMm = columnsAreLines ? plane.columnSpacingMm : plane.rowSpacingMm;
  const vMm = columnsAreLines ? plane.rowSpacingMm : plane.columnSpacingMm;
  for (let n = 0; n < points.length; n++) {
    if (n > 0 || points.length === 1) {
      const from = points[Math.max(0, n - 1)];
      addPassedThrough(lines, from, points[n]);
      addCapsule(lines, from, points[n], uMm, vMm, stroke.radiusMm);
    }
  }
  const base = stroke.slice * strides[plane.normalAxis];
  lines.forEach((line, from, to) => {
    const start = base + line * strides[v] + from * strides[u];
    if (u === 0) visit(start, to - from + 1);
    else for (let n = 0; n <= to - from; n++) visit(start + n * strides[u], 1);
  });
}

/**
 * What a stroke changes in `map`: nothing where the label is there already, or where `onlyOver` forbids it.
 * @param plane the plane that the stroke names, of the volume that the map belongs to
 * @throws InvalidStrokeError
 */
export function strokeEdit(map: ReadonlyLabelMap, plane: SlicePlane, stroke: BrushStroke): LabelEdit {
  const runs = new RunCollector();
  forEachStrokeRange(plane, stroke, (start, length) => {
    map.forEachRun(start, length, (before, runStart, runLength) => {
      if (stroke.onlyOver === undefined || before === stroke.onlyOver) {
        runs.add(runStart, runLength, before, stroke.label);
      }
    });
  });
  return runs.finish();
}

function checkStroke(plane: SlicePlane, stroke: BrushStroke): void {
  const isIndex = (value: number, end: number) => Number.isInteger(value) && value >= 0 && value < end;
  if (stroke.plane !== plane.name) throw new InvalidStrokeError(`it is ${stroke.plane}, not ${plane.name}`);
  if (!isIndex(stroke.slice, plane.sliceCount)) throw new InvalidStrokeError(`there is no slice ${stroke.slice}`);
  if (!isIndex(stroke.label, MAX_LABEL + 1)) throw new InvalidStrokeError(`${stroke.label} is not a label`);
  if (!(stroke.radiusMm >= 0 && stroke.radiusMm <= LIMIT)) throw new InvalidStrokeError('its radius is no length');
  if (stroke.path.length === 0) throw new InvalidStrokeError('it has no points');
  for (const [column, row] of stroke.path) {
    if (!(Math.abs(column) <= LIMIT && Math.abs(row) <= LIMIT)) throw new InvalidStrokeError('a point is out of range');
  }
}

/** All voxels that the segment from `a` to `b` (voxel coordinates [u, v]) passes through. */
function addPassedThrough(lines: SpanLines, a: readonly [number, number], b: readonly [number, number]): void {
  const [low, high] = a[1] <= b[1] ? [a, b] : [b, a];
  const first = Math.max(0, Math.round(low[1]));
  const last = Math.min(lines.lineCount - 1, Math.round(high[1]));
  const slope = high[1] > low[1] ? (high[0] - low[0]) / (high[1] - low[1]) : 0;
  for (let line = first; line <= last; line++) {
    // The part of the segment within [line - 0.5, line + 0.5]; at its own ends no division, so that they stay exact.
    const enter = line - 0.5 <= low[1] ? low[0] : low[0] + slope * (line - 0.5 - low[1]);
    const leave = line + 0.5 >= high[1] ? high[0] : low[0] + slope * (line + 0.5 - low[1]);
    lines.add(line, Math.round(Math.min(enter, leave)), Math.round(Math.max(enter, leave)));
  }
}

/** All voxels whose centres lie within `radiusMm` of the segment from `a` to `b` (voxel coordinates [u, v]). */
function addCapsule(
  lines: SpanLines,
  a: readonly [number, number],
  b: readonly [number, number],
  uMm: number,
  vMm: number,
  radiusMm: number,
): void {
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
      // Rectangle: 0 <= (p - a).d <= length^2 and |(p - a) x d| <= radius * length; each bounds x at this y.
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

/** The interval of x with `low <= factor * x + offset <= high`; empty is [Infinity, -Infinity]. */
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

/** Spans [from, to] of each line of a slice, both ends included, in any order until they are read. */
class SpanLines {
  readonly #lines = new Map<number, number[]>();

  constructor(
    readonly width: number,
    readonly lineCount: number,
  ) {}

  add(line: number, from: number, to: number): void {
    const start = Math.max(0, from);
    const end = Math.min(this.width - 1, to);
    if (!(start <= end)) return;
    const spans = this.#lines.get(line);
    if (!spans) {
      this.#lines.set(line, [start, end]);
      return;
    }
    // Neighbouring segments nearly always overlap: widen the newest span where that is possible.
    const last = spans.length - 2;
    if (start <= spans[last + 1] + 1 && end >= spans[last] - 1) {
      spans[last] = Math.min(spans[last], start);
      spans[last + 1] = Math.max(spans[last + 1], end);
    } else {
      spans.push(start, end);
    }
  }

  /** Lines in ascending order, their spans ascending and disjoint. */
  forEach(visit: (line: number, from: number, to: number) => void): void {
    for (const line of [...this.#lines.keys()].sort((a, b) => a - b)) {
      const flat = this.#lines.get(line)!;
      const spans: [number, number][] = [];
      for (let n = 0; n < flat.length; n += 2) spans.push([flat[n], flat[n + 1]]);
      spans.sort((a, b) => a[0] - b[0]);
      let [from, to] = spans[0];
      for (const [nextFrom, nextTo] of spans) {
        if (nextFrom > to + 1) {
          visit(line, from, to);
          [from, to] = [nextFrom, nextTo];
        } else if (nextTo > to) {
          to = nextTo;
        }
      }
      visit(line, from, to);
    }
  }
}
