import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  curvesOf,
  MOST_SAMPLES,
  NO_CURVES,
  type TrainingCurves,
  withEvaluation,
  withSample,
} from '../../../src/core/report/training-curves.ts';

const sample = (step: number) => ({ step, loss: 1 / (step + 1), learningRate: 0.01 });

describe('curves of a running training', () => {
  it('keep every sample until there are many', () => {
    const curves = Array.from({ length: MOST_SAMPLES }, (_, n) => sample(3 * n)).reduce(withSample, NO_CURVES);
    expect(curves.samples).toHaveLength(MOST_SAMPLES);
  });

  it('stay bounded, ascending and evenly fine however long it runs, and begin at the beginning', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6000 }), fc.integer({ min: 1, max: 50 }), (count, gap) => {
        let curves: TrainingCurves = NO_CURVES;
        for (let n = 0; n < count; n++) curves = withSample(curves, sample(5 + n * gap));
        const steps = curves.samples.map(({ step }) => step);
        expect(steps.length).toBeLessThanOrEqual(MOST_SAMPLES);
        expect(steps[0]).toBe(5);
        const gaps = steps.slice(1).map((step, n) => step - steps[n]);
        expect(Math.min(gap, ...gaps)).toBeGreaterThan(0);
        // What is left out is never more than a few of those that are kept.
        expect(Math.max(0, ...gaps)).toBeLessThanOrEqual(4 * Math.max(gap, (count * gap) / MOST_SAMPLES));
        const newest = 5 + (count - 1) * gap;
        expect(newest - (steps.at(-1) ?? 0)).toBeLessThanOrEqual(curves.everySteps);
      }),
      { numRuns: 60 },
    );
  });

  it('take each evaluation once, and begin with those of an earlier part', () => {
    const evaluation = (step: number) => ({ step, loss: 0.5, tuneDice: 0.8, learningRate: 0.1, labelDice: [0.7, 0.9] });
    const begun = curvesOf({ evaluations: [evaluation(10), evaluation(20)], samples: [] });
    expect(begun.samples).toEqual([
      { step: 10, loss: 0.5, learningRate: 0.1 },
      { step: 20, loss: 0.5, learningRate: 0.1 },
    ]);
    const again = withEvaluation(begun, evaluation(20));
    expect(again).toBe(begun);
    expect(withEvaluation(begun, evaluation(30)).evaluations.map(({ step }) => step)).toEqual([10, 20, 30]);
  });
});
