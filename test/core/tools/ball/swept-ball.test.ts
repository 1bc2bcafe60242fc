import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { affineSpacing, transformPoint } from '../../../../src/core/geometry/affine.ts';
import type { VoxelGrid } from '../../../../src/core/geometry/grid.ts';
import { pixelOnGrid, planeVoxel, type SlicePlane, slicePlanes } from '../../../../src/core/geometry/slice-plane.ts';
import type { Vec3 } from '../../../../src/core/geometry/vector.ts';
import { forEachSweptBallRange } from '../../../../src/core/tools/ball/swept-ball.ts';
import type { SweptGesture } from '../../../../src/core/tools/raster/swept-disc.ts';
import { InvalidGestureError } from '../../../../src/core/tools/tool.ts';

const SHAPE: Vec3 = [15, 12, 9];

const hundredths = (min: number, max: number) =>
  fc.integer({ min: Math.round(min * 100), max: Math.round(max * 100) }).map((n) => n / 100);

/** Anisotropic, turned by any angles, and sheared: its axes need not be at right angles. */
const obliqueGrid: fc.Arbitrary<VoxelGrid> = fc
  .record({
    spacingMm: fc.tuple(hundredths(0.4, 3), hundredths(0.4, 3), hundredths(0.4, 3)),
    turn: fc.tuple(hundredths(0, 6.28), hundredths(0, 6.28)),
    shear: fc.tuple(hundredths(-0.4, 0.4), hundredths(-0.4, 0.4)),
    origin: fc.tuple(hundredths(-200, 200), hundredths(-200, 200), hundredths(-200, 200)),
  })
  .map(({ spacingMm: [si, sj, sk], turn: [a, b], shear: [p, q], origin: [x, y, z] }) => {
    const turned = (v: Vec3): Vec3 => {
      const once: Vec3 = [v[0] * Math.cos(a) - v[1] * Math.sin(a), v[0] * Math.sin(a) + v[1] * Math.cos(a), v[2]];
      return [once[0], once[1] * Math.cos(b) - once[2] * Math.sin(b), once[1] * Math.sin(b) + once[2] * Math.cos(b)];
    };
    const [i, j, k] = [turned([si, 0, 0]), turned([p * sj, sj, 0]), turned([0, q * sk, sk])];
    const voxelToWorld = [i[0], j[0], k[0], x, i[1], j[1], k[1], y, i[2], j[2], k[2], z, 0, 0, 0, 1];
    return { shape: SHAPE, spacingMm: affineSpacing(voxelToWorld), voxelToWorld };
  });

const scene = fc
  .record({ grid: obliqueGrid, name: fc.constantFrom('axial' as const, 'coronal' as const, 'sagittal' as const) })
  .chain(({ grid, name }) => {
    const plane = slicePlanes(grid, 'radiological')[name];
    const point = fc.tuple(hundredths(-2, plane.columns + 2), hundredths(-2, plane.rows + 2));
    return fc.record({
      plane: fc.constant(plane),
      gesture: fc.record({
        tool: fc.constant('ball'),
        plane: fc.constant(name),
        slice: fc.nat(plane.sliceCount - 1),
        path: fc.array(point, { minLength: 1, maxLength: 4, size: 'max' }),
        radiusMm: fc.oneof(fc.constant(0), hundredths(0, 7)),
        label: fc.constant(1),
      }),
    });
  });

const minus = (a: Vec3, b: Vec3): Vec3 => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
const dot = (a: Vec3, b: Vec3) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];

/** Distance in mm, in the world, from a voxel's centre to a segment between two places of the slice. */
function distanceMm(plane: SlicePlane, voxel: Vec3, a: Vec3, b: Vec3): number {
  const world = (at: Vec3) => transformPoint(plane.grid.voxelToWorld, at);
  const along = minus(world(b), world(a));
  const to = minus(world(voxel), world(a));
  const length = dot(along, along);
  const t = length === 0 ? 0 : Math.min(1, Math.max(0, dot(to, along) / length));
  const away = minus(to, [t * along[0], t * along[1], t * along[2]]);
  return Math.sqrt(dot(away, away));
}

/** Whether the segment meets the voxel's square of the slice, grown by `margin`: it is cut at each side in turn. */
function meetsVoxel(plane: SlicePlane, voxel: Vec3, a: Vec3, b: Vec3, margin: number): boolean {
  if (voxel[plane.normalAxis] !== a[plane.normalAxis]) return false;
  let [from, to] = [0, 1];
  for (const axis of [plane.columnAxis, plane.rowAxis]) {
    const low = voxel[axis] - 0.5 - margin;
    const high = voxel[axis] + 0.5 + margin;
    const step = b[axis] - a[axis];
    if (step === 0) {
      if (a[axis] < low || a[axis] > high) return false;
      continue;
    }
    const [one, other] = [(low - a[axis]) / step, (high - a[axis]) / step];
    from = Math.max(from, Math.min(one, other));
    to = Math.min(to, Math.max(one, other));
  }
  return from <= to;
}

function coveredBy(plane: SlicePlane, gesture: SweptGesture): Set<number> {
  const covered = new Set<number>();
  let end = 0;
  forEachSweptBallRange(plane, gesture, (start, length) => {
    expect(start).toBeGreaterThanOrEqual(end);
    expect(length).toBeGreaterThan(0);
    end = start + length;
    for (let at = start; at < end; at++) covered.add(at);
  });
  return covered;
}

/** Each voxel by its distance to each segment; what is within 1e-6 of a border may go either way. */
function verdict(plane: SlicePlane, gesture: SweptGesture, voxel: Vec3): 'in' | 'out' | 'rim' {
  // `pixelOnGrid` is its own inverse: what `planeVoxel` takes are pixels of the screen.
  const places = gesture.path.map((point) => {
    const [column, row] = pixelOnGrid(plane, point);
    return planeVoxel(plane, gesture.slice, column, row);
  });
  let rim = false;
  for (const [n, b] of places.entries()) {
    if (n === 0 && places.length > 1) continue;
    const a = places[Math.max(0, n - 1)];
    const distance = distanceMm(plane, voxel, a, b);
    if (distance < gesture.radiusMm - 1e-6 || meetsVoxel(plane, voxel, a, b, -1e-6)) return 'in';
    if (distance <= gesture.radiusMm + 1e-6 || meetsVoxel(plane, voxel, a, b, 1e-6)) rim = true;
  }
  return rim ? 'rim' : 'out';
}

describe('the swept ball', () => {
  it('is every voxel within the radius of the path in the world, on grids of any angle and shear', () => {
    const seen = { in: 0, out: 0, rim: 0, otherSlices: 0 };
    fc.assert(
      fc.property(scene, ({ plane, gesture }) => {
        const covered = coveredBy(plane, gesture);
        for (let at = 0; at < SHAPE[0] * SHAPE[1] * SHAPE[2]; at++) {
          const [nx, ny] = SHAPE;
          const voxel: Vec3 = [at % nx, Math.floor(at / nx) % ny, Math.floor(at / (nx * ny))];
          const expected = verdict(plane, gesture, voxel);
          seen[expected]++;
          if (expected !== 'rim') expect(`${voxel} ${covered.has(at)}`).toBe(`${voxel} ${expected === 'in'}`);
          if (expected === 'in' && voxel[plane.normalAxis] !== gesture.slice) seen.otherSlices++;
        }
      }),
      { numRuns: 200 },
    );
    expect(seen.in).toBeGreaterThan(20_000);
    expect(seen.out).toBeGreaterThan(20_000);
    expect(seen.otherSlices).toBeGreaterThan(10_000);
    expect(seen.rim).toBeLessThan(seen.in / 10);
  });

  const grid: VoxelGrid = {
    shape: [101, 101, 31],
    spacingMm: [0.7, 0.7, 2.1],
    voxelToWorld: [-0.7, 0, 0, 30, 0, -0.7, 0, 5, 0, 0, 2.1, -40, 0, 0, 0, 1],
  };
  const { axial } = slicePlanes(grid, 'radiological');
  const dot: SweptGesture = { tool: 'ball', plane: 'axial', slice: 15, path: [[50, 50]], radiusMm: 2.1, label: 1 };

  it('is symmetric, rim included on all sides', () => {
    // 29 lattice points lie within 3 of the origin in the slice; those above and below are one each, on the rim.
    expect(coveredBy(axial, dot).size).toBe(31);
  });

  it('covers the whole volume with a radius beyond all bounds, and does nothing outside', () => {
    expect(coveredBy(axial, { ...dot, radiusMm: 1e6 }).size).toBe(101 * 101 * 31);
    expect(coveredBy(axial, { ...dot, path: [[-900, 50]] }).size).toBe(0);
  });

  it('refuses what would keep the host busy, at once', () => {
    const path = Array.from({ length: 100_000 }, (_, n) => [n % 101, (n * 7) % 101] as const);
    expect(() => coveredBy(axial, { ...dot, path, radiusMm: 1e6 })).toThrow(InvalidGestureError);
    for (const change of [{ path: [] }, { radiusMm: Number.NaN }, { slice: 31 }, { plane: 'coronal' as const }]) {
      expect(() => coveredBy(axial, { ...dot, ...change })).toThrow(InvalidGestureError);
    }
  });
});
