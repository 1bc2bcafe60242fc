import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { learningRate, type ScheduleName, schedules } from '../../../../src/core/learn/plan/learning-rate.ts';

const plan = (kind: ScheduleName, warmUpSteps = 0) => ({
  optimizer: { learningRate: 0.01 },
  schedule: { kind, warmUpSteps },
});
const kinds = Object.keys(schedules) as ScheduleName[];

describe('learningRate', () => {
  it.each([
    ['constant', [0.01, 0.01, 0.01, 0.01]],
    // 0.01 (1 + cos(pi p)) / 2 at p = 0, 1/3, 1/2, 1.
    ['cosine', [0.01, 0.0075, 0.005, 0]],
    // 0.01 (1 - p)^0.9: (2/3)^0.9 = 0.6942531627, (1/2)^0.9 = 0.5358867313.
    ['poly', [0.01, 0.006942531627, 0.005358867313, 0]],
  ] as const)('%s follows its formula', (kind, expected) => {
    const actual = [0, 1 / 3, 1 / 2, 1].map((progress) => learningRate(plan(kind), 1000, progress));
    actual.forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i] as number, 10);
    });
  });

  it.each(kinds)('%s rises over the first steps, each by the same amount', (kind) => {
    const rates = [0, 1, 4, 9, 10].map((step) => learningRate(plan(kind, 10), step, 0));
    [0.001, 0.002, 0.005, 0.01, 0.01].forEach((value, i) => {
      expect(rates[i]).toBeCloseTo(value, 12);
    });
  });

  it('is the product of warm-up and schedule while both change', () => {
    expect(learningRate(plan('poly', 100), 24, 0.5)).toBeCloseTo(0.25 * 0.005358867313, 10);
  });

  it('never rises after the warm-up, and stays between 0 and the peak, beyond the end too', () => {
    const progress = fc.double({ min: 0, max: 1.5, noNaN: true });
    fc.assert(
      fc.property(fc.constantFrom(...kinds), progress, progress, (kind, a, b) => {
        const [early, late] = [Math.min(a, b), Math.max(a, b)].map((at) => learningRate(plan(kind, 5), 5, at));
        expect(late).toBeLessThanOrEqual(early as number);
        expect(late).toBeGreaterThanOrEqual(0);
        expect(early).toBeLessThanOrEqual(0.01);
      }),
    );
  });
});
