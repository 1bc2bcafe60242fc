import { describe, expect, it } from 'vitest';
import type { Vec3 } from '../../../../src/core/geometry/vector.ts';
import { componentsByClass, crossSectionDiameterMm } from '../../../../src/core/learn/planning/component-diameters.ts';
import { rasGrid } from '../../../support/learn-cases.ts';

const shape: Vec3 = [60, 50, 40];

/** Balls of `radius` voxels; slices that `accepted` refuses are ignored. */
function balls(
  found: readonly { label: number; centre: Vec3; radius: number }[],
  accepted: (k: number) => boolean = () => true,
) {
  const classes = new Int16Array(shape[0] * shape[1] * shape[2]);
  for (let offset = 0; offset < classes.length; offset++) {
    const [i, j, k] = [offset % 60, Math.floor(offset / 60) % 50, Math.floor(offset / 3000)];
    const ball = found.find(({ centre: [x, y, z], radius }) => Math.hypot(i - x, j - y, k - z) <= radius);
    classes[offset] = accepted(k) ? (ball?.label ?? 0) : -1;
  }
  return { classes };
}

describe('componentsByClass', () => {
  it('finds what hangs together, label by label, absent ones too', () => {
    const truth = balls([
      { label: 1, centre: [10, 10, 10], radius: 5 },
      { label: 1, centre: [40, 30, 20], radius: 8 },
      { label: 3, centre: [22, 10, 10], radius: 6 },
    ]);
    const components = componentsByClass(rasGrid(shape), truth, 4);
    expect(components.map(({ length }) => length)).toEqual([2, 0, 1]);
    expect(components[0].map(({ extent }) => extent[0])).toEqual([11, 17]);
    expect(components[2][0].voxels).toBe(truth.classes.filter((label) => label === 3).length);
  });
});

describe('crossSectionDiameterMm', () => {
  // A ball of diameter D has sqrt(2/3) D in the mean cross-section.
  const expected = Math.sqrt(2 / 3) * 20;

  it('is that of the mean circle, along every axis, in mm', () => {
    const [[ball]] = componentsByClass(rasGrid(shape), balls([{ label: 1, centre: [30, 25, 20], radius: 9.8 }]), 2);
    for (const axis of [0, 1, 2] as const) {
      expect(Math.abs(crossSectionDiameterMm(ball, [1, 1, 1], axis) - expected)).toBeLessThan(0.6);
      expect(Math.abs(crossSectionDiameterMm(ball, [3, 3, 3], axis) / 3 - expected)).toBeLessThan(0.6);
    }
    // Columns twice as wide: the area doubles.
    const wide = crossSectionDiameterMm(ball, [2, 1, 1], 2);
    expect(wide).toBeCloseTo(crossSectionDiameterMm(ball, [1, 1, 1], 2) * Math.SQRT2, 5);
  });

  it('does not shrink where only some slices are accepted', () => {
    const middle = balls([{ label: 1, centre: [30, 25, 20], radius: 9.8 }], (k) => k === 19 || k === 20);
    const [[slab]] = componentsByClass(rasGrid(shape), middle, 2);
    expect(crossSectionDiameterMm(slab, [1, 1, 1], 2)).toBeGreaterThan(expected);
  });
});
