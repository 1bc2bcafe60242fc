import { describe, expect, it } from 'vitest';
import type { Vec3, VoxelAxis } from '../../../src/core/geometry/vector.ts';
import { caseDice, meanDefined } from '../../../src/core/learn/case-dice.ts';
import { decideGate } from '../../../src/core/learn/gate.ts';
import { sliceFrame } from '../../../src/core/learn/slice-frame.ts';
import { UncertaintyBySlice } from '../../../src/core/learn/uncertainty.ts';
import { OverlapCounter } from '../../../src/core/metrics/overlap-counter.ts';
import { rasGrid } from '../../support/learn-cases.ts';

const outcome = (cases: number, dice: number | null, judged = cases) => ({ cases, judged, dice });

describe('decideGate', () => {
  it.each([
    ['the first version', 0.7, null, true],
    ['better', 0.8, { version: 1, holdoutDice: 0.7 }, true],
    ['exactly as good', 0.7, { version: 1, holdoutDice: 0.7 }, true],
    ['worse', 0.69, { version: 1, holdoutDice: 0.7 }, false],
    ['nothing held out', null, { version: 1, holdoutDice: null }, true],
    ['the old one cannot be measured', 0.2, { version: 1, holdoutDice: null }, true],
  ])('%s', (name, holdoutDice, previous, activate) => {
    const decision = decideGate(outcome(name === 'nothing held out' ? 0 : 3, holdoutDice), previous);
    expect(decision.activate).toBe(activate);
    expect(decision.reason).toMatch(/\.$/);
    if (holdoutDice === null) expect(decision.reason).toContain('no case is held out');
  });

  it('does not claim that nothing is held out where what is held out shows no label', () => {
    for (const previous of [null, { version: 1, holdoutDice: null }]) {
      const { activate, reason } = decideGate(outcome(2, null), previous);
      expect([activate, reason]).toEqual([true, expect.stringMatching(/held out show no label/)]);
    }
  });

  it('lets no version take the place of another because what should have judged it could not be read', () => {
    const { activate, reason } = decideGate(outcome(2, null, 0), { version: 1, holdoutDice: null });
    expect([activate, reason]).toEqual([
      false,
      expect.stringMatching(/could not be read, or changed meanwhile: it stays a candidate/),
    ]);
    expect(decideGate(outcome(2, null, 0), null).activate).toBe(true);
  });
});

describe('UncertaintyBySlice', () => {
  const uncertainty = (shape: Vec3, reviewAxis: VoxelAxis) =>
    new UncertaintyBySlice(shape, sliceFrame(rasGrid(shape), 2), reviewAxis);
  const byClass = (pixels: readonly (readonly [number, number])[]) => [
    Float32Array.from(pixels, ([a]) => a),
    Float32Array.from(pixels, ([, b]) => b),
  ];
  const slice = (pixels: (readonly [number, number])[]) => {
    const found = uncertainty([pixels.length, 1, 1], 2);
    found.add(0, byClass(pixels));
    return found.values()[0];
  };

  it('tells doubt along the axis that is asked for, whichever the network sees slices along', () => {
    const shape: Vec3 = [5, 20, 30];
    const along = ([0, 1, 2] as const).map((axis) => uncertainty(shape, axis));
    for (let k = 0; k < 30; k++) {
      // Doubt at i = 3 and k = 7 alone, for all j.
      const planes = byClass(
        Array.from({ length: 100 }, (_, pixel) => (pixel % 5 === 3 && k === 7 ? [0.5, 0.5] : [1, 0])),
      );
      for (const found of along) found.add(k, planes);
    }
    const [i, j, ofK] = along.map((found) => found.values());
    expect(i).toEqual([0, 0, 0, 1, 0]);
    expect(j).toEqual(new Array(20).fill(1 / 16));
    expect(ofK).toEqual(Array.from({ length: 30 }, (_, k) => (k === 7 ? 1 : 0)));
  });

  it('is 0 for sure background, near 0 for sharp masks and 1 for a coin toss', () => {
    expect(slice(Array.from({ length: 100 }, () => [1, 0] as const))).toBe(0);
    expect(slice(Array.from({ length: 100 }, () => [0.5, 0.5] as const))).toBeCloseTo(1);
    expect(slice(Array.from({ length: 100 }, () => [0.001, 0.999] as const))).toBeLessThan(0.02);
  });

  it('does not depend on how much background surrounds the mask', () => {
    const mask = Array.from({ length: 50 }, () => [0.3, 0.7] as const);
    const background = Array.from({ length: 5000 }, () => [1, 0] as const);
    expect(slice([...mask, ...background])).toBeCloseTo(slice(mask));
  });

  it('ranks a wide smear above a sharp mask with a thin border', () => {
    const sharp = Array.from({ length: 100 }, (_, n) => (n < 10 ? [0.5, 0.5] : [0.01, 0.99]) as [number, number]);
    const smear = Array.from({ length: 100 }, () => [0.4, 0.6] as const);
    expect(slice(smear)).toBeGreaterThan(3 * slice(sharp));
  });
});

describe('caseDice', () => {
  it('is null where a label is in neither mask, and leaves ignored voxels out', () => {
    const counter = new OverlapCounter(4, -1);
    counter.add(Uint8Array.of(1, 1, 0, 3, 3), Int16Array.of(1, 0, 1, -1, 3));
    expect(caseDice(counter)).toEqual([0.5, null, 1]);
    expect(meanDefined([0.5, null, 1])).toBe(0.75);
    expect(meanDefined([null])).toBeNull();
  });
});
