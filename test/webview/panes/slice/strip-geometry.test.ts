import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { spanOn, uncertaintyPath } from '../../../../src/webview/panes/slice/strip-geometry.ts';

/** The steps of a path, as heights. */
const heights = (path: string) =>
  [...path.matchAll(/V([\d.]+)H([\d.]+)/g)].map(([, y, x]) => ({ y: Number(y), x: Number(x) }));

test('the uncertainty lane has a step per slice, or per pixel of more slices, and never hides the greatest', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.nat(50).map((n) => n / 100),
        { minLength: 1, maxLength: 1200 },
      ),
      fc.integer({ min: 1, max: 900 }),
      (uncertainty, width) => {
        const steps = heights(uncertaintyPath(uncertainty, width, 20, 10));
        expect(steps).toHaveLength(Math.min(uncertainty.length, width));
        expect(steps.at(-1)?.x).toBeCloseTo(width, 1);
        const top = Math.min(...steps.map(({ y }) => y));
        expect(top).toBeCloseTo(20 - 10 * (Math.max(...uncertainty) / 0.5), 1);
        if (uncertainty.length > width) return;
        for (const [slice, { y }] of steps.entries()) expect(y).toBeCloseTo(20 - 20 * uncertainty[slice], 1);
      },
    ),
    { numRuns: 200 },
  );
});

test('a slice among a thousand is wide enough to be seen, and stays on the track', () => {
  for (const slice of [0, 500, 999]) {
    const { x, width } = spanOn(600, 1000, slice, slice, 5);
    expect(width).toBe(5);
    expect(x).toBeGreaterThanOrEqual(0);
    expect(x + width).toBeLessThanOrEqual(600);
    expect(Math.abs(x + width / 2 - (slice + 0.5) * 0.6)).toBeLessThanOrEqual(2.5);
  }
  expect(spanOn(600, 10, 2, 4, 5)).toEqual({ x: 120, width: 180 });
});
