import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pixelOnGrid, planeVoxel, type SlicePlane } from '../../../../src/core/geometry/slice-plane.ts';
import type { Vec3 } from '../../../../src/core/geometry/vector.ts';
import { LabelMap } from '../../../../src/core/label/label-map.ts';
import type { BrushStroke } from '../../../../src/core/tools/brush/brush.ts';
import { gestureEdit } from '../../../../src/core/tools/gesture-edit.ts';
import { forEachSweptDiscRange } from '../../../../src/core/tools/raster/swept-disc.ts';
import { InvalidGestureError } from '../../../../src/core/tools/tool.ts';
import { denseLabels, planesOf, strokeOn } from '../../../support/case-arbitraries.ts';

const SHAPE: Vec3 = [21, 17, 13];
const SIZE = 21 * 17 * 13;

/** Distance in mm from pixel (column, row) to a segment: the textbook formula, pixel by pixel. */
function distanceMm(
  plane: SlicePlane,
  column: number,
  row: number,
  a: readonly number[],
  b: readonly number[],
): number {
  const [x, y] = [column * plane.columnSpacingMm, row * plane.rowSpacingMm];
  const [ax, ay, bx, by] = [
    a[0] * plane.columnSpacingMm,
    a[1] * plane.rowSpacingMm,
    b[0] * plane.columnSpacingMm,
    b[1] * plane.rowSpacingMm,
  ];
  const square = (bx - ax) ** 2 + (by - ay) ** 2;
  const along = square === 0 ? 0 : Math.min(1, Math.max(0, ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / square));
  return Math.hypot(x - ax - along * (bx - ax), y - ay - along * (by - ay));
}

/** Whether the segment meets the pixel's square grown by `margin` on each side (Liang-Barsky clipping). */
function meetsPixel(column: number, row: number, a: readonly number[], b: readonly number[], margin: number): boolean {
  let from = 0;
  let to = 1;
  for (const [start, end, centre] of [
    [a[0], b[0], column],
    [a[1], b[1], row],
  ]) {
    const [low, high] = [centre - 0.5 - margin, centre + 0.5 + margin];
    const step = end - start;
    if (step === 0) {
      if (start < low || start > high) return false;
      continue;
    }
    const [first, second] = [(low - start) / step, (high - start) / step];
    from = Math.max(from, Math.min(first, second));
    to = Math.min(to, Math.max(first, second));
  }
  return from <= to;
}

type Verdict = 'painted' | 'not painted' | 'on the rim';

/** What the definition in `BrushStroke` says of one pixel; pixels within 1e-6 of a border may go either way. */
function naiveVerdict(plane: SlicePlane, stroke: BrushStroke, column: number, row: number): Verdict {
  let rim = false;
  const path = stroke.path.map((point) => pixelOnGrid(plane, point));
  for (const [n, b] of path.entries()) {
    if (n === 0 && path.length > 1) continue;
    const a = path[Math.max(0, n - 1)];
    const distance = distanceMm(plane, column, row, a, b);
    if (distance < stroke.radiusMm - 1e-6 || meetsPixel(column, row, a, b, -1e-6)) return 'painted';
    if (distance <= stroke.radiusMm + 1e-6 || meetsPixel(column, row, a, b, 1e-6)) rim = true;
  }
  return rim ? 'on the rim' : 'not painted';
}

function paintedOffsets(plane: SlicePlane, stroke: BrushStroke): Set<number> {
  const painted = new Set<number>();
  let end = 0;
  forEachSweptDiscRange(plane, stroke, (start, length) => {
    expect(start).toBeGreaterThanOrEqual(end);
    expect(length).toBeGreaterThan(0);
    end = start + length;
    for (let at = start; at < end; at++) painted.add(at);
  });
  return painted;
}

const offsetAt = (plane: SlicePlane, slice: number, column: number, row: number) => {
  const [i, j, k] = planeVoxel(plane, slice, column, row);
  return i + SHAPE[0] * (j + SHAPE[1] * k);
};

const planesAndStroke = planesOf(SHAPE).chain((planes) =>
  fc.record({ planes: fc.constant(planes), stroke: strokeOn(planes, 3) }),
);

describe('brush', () => {
  it('paints what the definition says, in every plane and orientation, with voxels that are no cubes', () => {
    const seen = { painted: 0, 'not painted': 0, 'on the rim': 0 };
    fc.assert(
      fc.property(planesAndStroke, ({ planes, stroke }) => {
        const plane = planes[stroke.plane];
        const painted = paintedOffsets(plane, stroke);
        let inSlice = 0;
        for (let row = 0; row < plane.rows; row++) {
          for (let column = 0; column < plane.columns; column++) {
            const verdict = naiveVerdict(plane, stroke, column, row);
            const isPainted = painted.has(offsetAt(plane, stroke.slice, column, row));
            if (isPainted) inSlice++;
            if (verdict !== 'on the rim')
              expect(`${column},${row} ${isPainted}`).toBe(`${column},${row} ${verdict === 'painted'}`);
            seen[verdict]++;
          }
        }
        expect(inSlice).toBe(painted.size);
      }),
      { numRuns: 300 },
    );
    expect(seen.painted).toBeGreaterThan(5000);
    expect(seen['not painted']).toBeGreaterThan(5000);
    expect(seen['on the rim']).toBeLessThan(seen.painted / 10);
  });

  it('always paints the voxel under every path point', () => {
    fc.assert(
      fc.property(planesAndStroke, ({ planes, stroke }) => {
        const plane = planes[stroke.plane];
        const painted = paintedOffsets(plane, { ...stroke, radiusMm: 0 });
        for (const [x, y] of stroke.path.map((point) => pixelOnGrid(plane, point))) {
          const [column, row] = [Math.round(x), Math.round(y)];
          const inside = column >= 0 && row >= 0 && column < plane.columns && row < plane.rows;
          if (inside && Math.abs(x - column) < 0.499 && Math.abs(y - row) < 0.499) {
            expect(painted.has(offsetAt(plane, stroke.slice, column, row))).toBe(true);
          }
        }
      }),
      { numRuns: 200 },
    );
  });

  it('changes only what differs and what it may draw over', () => {
    let changed = 0;
    fc.assert(
      fc.property(planesAndStroke, denseLabels(SHAPE, 2), ({ planes, stroke }, labels) => {
        const plane = planes[stroke.plane];
        const map = LabelMap.fromDense(SHAPE, labels);
        const painted = paintedOffsets(plane, stroke);
        map.applyEdit(gestureEdit({ planes, labels: map }, stroke));
        const expected = [...labels];
        for (const offset of painted) {
          if (stroke.onlyOver !== undefined && labels[offset] !== stroke.onlyOver) continue;
          if (expected[offset] !== stroke.label) changed++;
          expected[offset] = stroke.label;
        }
        expect([...map.read(0, SIZE)]).toEqual(expected);
      }),
      { numRuns: 200 },
    );
    expect(changed).toBeGreaterThan(1000);
  });

  const cube = planesOf([101, 101, 3]).filter((planes) => planes.axial.normalAxis === 2);
  const [planes] = fc.sample(cube, { seed: 1, numRuns: 1 });
  const axial: SlicePlane = { ...planes.axial, columnSpacingMm: 0.7, rowSpacingMm: 0.7 };
  const dot: BrushStroke = { tool: 'brush', plane: 'axial', slice: 1, path: [[50, 50]], radiusMm: 2.1, label: 1 };

  it('paints a symmetric disc, rim included on all sides', () => {
    const painted = paintedOffsets(axial, dot);
    // 29 lattice points lie within 3 of the origin.
    expect(painted.size).toBe(29);
  });

  it('is unmoved by strokes of thousands of points and brushes larger than the slice', () => {
    const path = Array.from(
      { length: 5000 },
      (_, n) => [50 + 40 * Math.sin(n / 90), 50 + 40 * Math.cos(n / 70)] as const,
    );
    const long = { ...dot, path };
    const pieces = new Set<number>();
    for (let n = 0; n + 1 < path.length; n++) {
      for (const at of paintedOffsets(axial, { ...dot, path: [path[n], path[n + 1]] })) pieces.add(at);
    }
    expect(paintedOffsets(axial, long)).toEqual(pieces);
    expect(pieces.size).toBeGreaterThan(3000);
    expect(paintedOffsets(axial, { ...dot, radiusMm: 1e6 }).size).toBe(101 * 101);
    expect(
      paintedOffsets(axial, {
        ...dot,
        path: [
          [-1e6, 50],
          [1e6, 50],
        ],
        radiusMm: 0,
      }).size,
    ).toBe(101);
  });

  it('refuses strokes that are none', () => {
    const bad: Partial<BrushStroke>[] = [
      { path: [] },
      { path: [[Number.NaN, 0]] },
      { path: [[0, Number.POSITIVE_INFINITY]] },
      { radiusMm: Number.NaN },
      { radiusMm: Number.POSITIVE_INFINITY },
      { radiusMm: -1 },
      { slice: 3 },
      { slice: 0.5 },
      { label: -1 },
      { label: 65_536 },
      { plane: 'coronal' },
    ];
    for (const change of bad) expect(() => paintedOffsets(axial, { ...dot, ...change })).toThrow(InvalidGestureError);
  });
});
