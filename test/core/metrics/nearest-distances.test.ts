import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Vec3 } from '../../../src/core/geometry/vector.ts';
import { nearestDistancesMm } from '../../../src/core/metrics/nearest-distances.ts';
import { SeededRandom } from '../../../src/core/random.ts';

function voxelsOf(mask: Uint8Array, [nx, ny]: Vec3): Vec3[] {
  return [...mask.keys()]
    .filter((n) => mask[n] !== 0)
    .map((n) => [n % nx, Math.floor(n / nx) % ny, Math.floor(n / (nx * ny))]);
}

/** All against all. */
function naiveDistances(target: Uint8Array, query: Uint8Array, shape: Vec3, spacing: Vec3): number[] {
  const targets = voxelsOf(target, shape);
  return voxelsOf(query, shape).map((from) =>
    targets.reduce(
      (least, to) => Math.min(least, Math.hypot(...from.map((index, axis) => (index - to[axis]) * spacing[axis]))),
      Number.POSITIVE_INFINITY,
    ),
  );
}

describe('nearestDistancesMm', () => {
  const spacing = fc.integer({ min: 1, max: 60 }).map((tenths) => tenths / 10);
  it('is the least distance to any target voxel, for every spacing and for few and many targets', () => {
    let compared = 0;
    fc.assert(
      fc.property(
        fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 7 })),
        fc.tuple(spacing, spacing, spacing),
        fc.integer({ min: 0, max: 70 }),
        fc.integer({ min: 1, max: 100 }),
        fc.nat(),
        (shape, spacingMm, targetPercent, queryPercent, seed) => {
          const random = new SeededRandom(seed);
          const noise = (percent: number) =>
            Uint8Array.from({ length: shape[0] * shape[1] * shape[2] }, () => (random.integer(100) < percent ? 1 : 0));
          const [target, query] = [noise(targetPercent), noise(queryPercent)];
          const found = nearestDistancesMm(target, query, shape, spacingMm);
          const expected = naiveDistances(target, query, shape, spacingMm);
          expect(found).toHaveLength(expected.length);
          expected.forEach((distance, n) => {
            if (Number.isFinite(distance)) expect(found[n]).toBeCloseTo(distance, 10);
            else expect(found[n]).toBe(distance);
            compared++;
          });
        },
      ),
      { numRuns: 300 },
    );
    expect(compared).toBeGreaterThan(5000);
  });

  it('reaches across a whole long volume', () => {
    const shape: Vec3 = [300, 2, 400];
    const [target, query] = [new Uint8Array(240_000), new Uint8Array(240_000)];
    target[0] = 1;
    query[query.length - 1] = 1;
    const [distance] = nearestDistancesMm(target, query, shape, [0.5, 2, 0.25]);
    expect(distance).toBeCloseTo(Math.hypot(299 * 0.5, 2, 399 * 0.25), 10);
  });
});
