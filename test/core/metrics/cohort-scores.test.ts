import { describe, expect, it } from 'vitest';
import { bootstrapInterval } from '../../../src/core/metrics/bootstrap.ts';
import { scoreCohort, summarise } from '../../../src/core/metrics/cohort-scores.ts';
import { quantile } from '../../../src/core/metrics/quantile.ts';
import { absentLabel, scoreSegmentation } from '../../../src/core/metrics/score-segmentation.ts';
import { SeededRandom } from '../../../src/core/random.ts';

describe('quantile', () => {
  it('interpolates linearly, as numpy does, and bears infinite values', () => {
    expect(quantile([1, 2, 3, 4], 0.5)).toBe(2.5);
    expect(quantile([1, 2, 3, 4], 0.95)).toBeCloseTo(3.85, 12);
    expect([quantile([7], 0.3), quantile([1, 2], 0), quantile([1, 2], 1)]).toEqual([7, 1, 2]);
    const infinite = Number.POSITIVE_INFINITY;
    expect([quantile([1, infinite], 0.5), quantile([infinite, infinite], 0.4), quantile([1, infinite], 0)]).toEqual([
      infinite,
      infinite,
      1,
    ]);
    expect(quantile([], 0.5)).toBeNaN();
  });
});

describe('bootstrapInterval', () => {
  const mean = (values: readonly number[]) => (indices: Uint32Array) =>
    indices.reduce((sum, index) => sum + values[index], 0) / indices.length;

  it('is the interval of normal theory for a mean of many normal values', () => {
    const random = new SeededRandom(5);
    const values = Array.from({ length: 400 }, () => random.normal(10, 2));
    const average = values.reduce((sum, value) => sum + value, 0) / values.length;
    const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - average) ** 2, 0) / values.length);
    const half = (1.96 * deviation) / Math.sqrt(values.length);
    const [low, high] = bootstrapInterval(values.length, mean(values));
    // 2000 resamples leave a few percent of noise in the tails.
    expect(Math.abs(low - (average - half))).toBeLessThan(0.1 * half);
    expect(Math.abs(high - (average + half))).toBeLessThan(0.1 * half);
  });

  it('draws every case, alike often, and the same ones every time', () => {
    const counts = new Float64Array(7);
    const once = bootstrapInterval(7, (indices) => {
      for (const index of indices) counts[index]++;
      return indices[0];
    });
    for (const count of counts) expect(Math.abs(count / 2000 - 1)).toBeLessThan(0.1);
    expect(bootstrapInterval(7, (indices) => indices[0])).toEqual(once);
  });

  it('has no interval for fewer than two cases, and leaves out resamples without a value', () => {
    expect(bootstrapInterval(1, () => 1)).toEqual([Number.NaN, Number.NaN]);
    expect(bootstrapInterval(3, (indices) => (indices.includes(0) ? 5 : Number.NaN))).toEqual([5, 5]);
    expect(bootstrapInterval(3, () => Number.NaN)).toEqual([Number.NaN, Number.NaN]);
  });
});

describe('summarise', () => {
  it('keeps infinite distances out of the mean, counts them, and lets the median see them', () => {
    const infinite = Number.POSITIVE_INFINITY;
    expect(summarise([1, infinite, 3, Number.NaN, infinite])).toMatchObject({
      mean: 2,
      median: infinite,
      cases: 2,
      infiniteCases: 2,
    });
    expect(summarise([Number.NaN])).toMatchObject({ mean: Number.NaN, median: Number.NaN, cases: 0, infiniteCases: 0 });
  });

  it('has an interval around the mean', () => {
    const { mean, interval } = summarise([0.5, 0.7, 0.9, 0.8]);
    expect(mean).toBeCloseTo(0.725, 12);
    expect(interval[0]).toBeGreaterThanOrEqual(0.5);
    expect(interval[0]).toBeLessThan(mean);
    expect(interval[1]).toBeGreaterThan(mean);
    expect(interval[1]).toBeLessThanOrEqual(0.9);
  });
});

describe('scoreCohort', () => {
  const labels = [
    { value: 1, name: 'liver' },
    { value: 4, name: 'tumour' },
  ];
  const score = (id: string, prediction: number[], truth: number[], ignored?: number) =>
    scoreSegmentation(id, Uint8Array.from(prediction), Uint8Array.from(truth), {
      shape: [truth.length, 1, 1],
      spacingMm: [2, 1, 1],
      labels,
      ignored,
      toleranceMm: 1,
    });

  const cases = [
    score('found', [1, 1, 1, 2, 0, 0, 2], [1, 1, 1, 2, 0, 0, 0]),
    score('missed', [1, 1, 0, 0, 0, 0, 0], [1, 1, 1, 2, 0, 2, 0]),
    score('invented', [1, 1, 1, 0, 2, 0, 0], [1, 1, 1, 0, 0, 0, 0]),
  ];
  const cohort = scoreCohort(cases);

  it('counts cases that miss or invent a label', () => {
    expect(cohort.labels.map(({ missedCases, inventedCases }) => [missedCases, inventedCases])).toEqual([
      [0, 0],
      [1, 1],
    ]);
    expect(cohort.labels[1].metrics.hd95Mm).toMatchObject({ cases: 1, infiniteCases: 2 });
    expect(cohort.labels[1].metrics.dice).toMatchObject({ cases: 3, infiniteCases: 0 });
  });

  it('a class that the truth of no case has is not judged: it is in no mean, and its inventions are counted', () => {
    const [first, second] = [
      score('a', [1, 1, 1, 2, 0, 0, 2], [1, 1, 1, 0, 0, 0, 0]),
      score('b', [1, 1, 0, 0, 0, 0, 0], [1, 1, 0, 0, 0, 0, 0]),
    ];
    const { labels: summaries, meanDice, pooledDice, overLabels, cases: scored } = scoreCohort([first, second]);
    expect(first.labels[1].dice).toBe(0);
    expect(summaries.map(({ judged }) => judged)).toEqual([true, false]);
    expect([meanDice, pooledDice, overLabels.dice.mean]).toEqual([1, 1, 1]);
    expect(scored.map((each) => each.meanDice)).toEqual([1, 1]);
    expect(summaries[1]).toMatchObject({ meanDice: Number.NaN, pooledDice: Number.NaN, inventedCases: 1, cases: 1 });
    // As soon as one case has it, what was invented in the others is wrong, and counts as 0 (as nnU-Net has it).
    const third = score('c', [2, 2, 0, 0, 0, 0, 0], [2, 2, 0, 0, 0, 0, 0]);
    expect(scoreCohort([first, second, third]).labels[1]).toMatchObject({ judged: true, meanDice: 0.5 });
    expect(scoreCohort([first, second, third]).cases[0].meanDice).toBe(0.5);
  });

  it('pools lesions over cases, bin by bin, and weighs found ones alike', () => {
    expect(cohort.labels[1].lesions).toMatchObject({
      truthLesions: 3,
      foundLesions: 1,
      predictedLesions: 3,
      matchedLesions: 1,
      recall: 1 / 3,
      precision: 1 / 3,
      f1: 1 / 3,
      mostInOneCase: 2,
    });
    expect(cohort.labels[1].lesions.bins[0]).toMatchObject({ truthLesions: 3, meanFoundDice: 1, meanFoundIou: 1 });
    expect(cohort.labels[1].lesions.bins[3].meanFoundDice).toBeNaN();
    expect(cohort.labels[1].lesions.recallInterval).toEqual([0, 1]);
  });

  it('weighs every found lesion alike, however many a case has', () => {
    const two = score('two', [2, 0, 2, 0, 0, 0], [2, 0, 2, 0, 0, 0]);
    const one = score('one', [0, 0, 2, 0, 0, 0], [0, 2, 2, 2, 0, 0]);
    const { bins } = scoreCohort([two, one, cases[1]]).labels[1].lesions;
    expect(bins[0].meanFoundDice).toBeCloseTo((1 + 1 + 0.5) / 3, 12);
    expect(bins[0].meanFoundIou).toBeCloseTo((1 + 1 + 1 / 3) / 3, 12);
  });

  it('summarises over labels: a case that misses one has an infinite mean distance', () => {
    expect(cohort.overLabels.hd95Mm).toMatchObject({ cases: 1, infiniteCases: 2 });
    expect(cohort.overLabels.dice.mean).toBeCloseTo(cohort.meanDice, 12);
  });

  it('computes voxel accuracy over the voxels that count', () => {
    expect(cases[0].voxelAccuracy).toBe(6 / 7);
    expect(cases[0].labels.map(({ voxelAccuracy }) => voxelAccuracy)).toEqual([1, 6 / 7]);
    const partly = score('partly', [1, 1, 2, 2], [1, 3, 0, 2], 3);
    expect([partly.voxelAccuracy, partly.countedVoxels]).toEqual([2 / 3, 3]);
    expect(partly.labels[0]).toMatchObject({ dice: 1, predictionVoxels: 1, truthVoxels: 1, hdMm: 0 });
  });

  it('takes a label that a case does not have for absent from both masks', () => {
    const padded = { ...cases[0], labels: [cases[0].labels[0], absentLabel(labels[1])] };
    const [, tumour] = scoreCohort([padded, cases[1]]).labels;
    expect(tumour).toMatchObject({ cases: 1, missedCases: 1, inventedCases: 0 });
    expect(tumour.metrics.dice).toMatchObject({ mean: 0, cases: 1 });
    expect(tumour.lesions).toMatchObject({ truthLesions: 2, predictedLesions: 0, recall: 0 });
  });

  it('refuses label maps that do not fill the shape', () => {
    expect(() => score('short', [1], [1, 1])).toThrow(RangeError);
  });

  it('scores a label cut off by the border and slices that are ignored with Int16 truth of -1', () => {
    const shape = [2, 2, 3] as const;
    const truth = Int16Array.from([1, 1, 1, 1, -1, -1, -1, -1, 0, 0, 0, 0]);
    const prediction = Uint8Array.from([1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0]);
    const scored = scoreSegmentation('cut', prediction, truth, {
      shape,
      spacingMm: [1, 1, 1],
      labels,
      ignored: -1,
      toleranceMm: 1,
    });
    expect(scored.labels[0]).toMatchObject({ dice: 1, hdMm: 0, surfaceDice: 1, predictionVoxels: 4 });
    expect(scored.countedVoxels).toBe(8);
  });

  it('has neither mask where voxels in the middle of a label are ignored', () => {
    const { labels: scored } = score('hole', [1, 1, 1, 0, 0], [1, 3, 1, 0, 0], 3);
    expect(scored[0]).toMatchObject({ dice: 1, hdMm: 0, predictionVoxels: 2 });
    expect(scored[0].lesions).toMatchObject({ truthLesions: 2, predictedLesions: 2 });
  });
});
