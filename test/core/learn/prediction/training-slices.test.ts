import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { featureNames, sliceFeatures } from '../../../../src/core/learn/prediction/slice-features.ts';
import {
  type TrainingSlice,
  trainingDistance,
  trainingSlices,
} from '../../../../src/core/learn/prediction/training-slices.ts';

const slice = (caseId: string, ...features: number[]): TrainingSlice => ({ caseId, features });

describe('trainingSlices', () => {
  it('measures what is typical between cases, because slices of one case are alike', () => {
    // Three slices of a case lie together, and cases 10 apart.
    const samples = [0, 10, 20, 30].flatMap((at) => [0, 0.1, 0.2].map((offset) => slice(`case ${at}`, at + offset)));
    const known = trainingSlices(['one'], samples);
    if (!known) throw new Error('There are enough slices.');
    expect(known.typicalDistance * known.scale[0]).toBeCloseTo(10, 0);
    // A slice of a new case, as far from the others as these are from one another.
    expect(trainingDistance(known, [40])).toBeCloseTo(1, 1);
    expect(trainingDistance(known, [130])).toBeCloseTo(10, 0);
    expect(trainingDistance(known, [10.1])).toBeLessThan(0.02);
  });

  it('takes the slices of the only case for one another, and says nothing of fewer than two', () => {
    const known = trainingSlices(
      ['one'],
      [0, 1, 2, 3].map((at) => slice('only', at)),
    );
    expect(known && trainingDistance(known, [1.5])).toBeGreaterThan(0);
    expect(known && trainingDistance(known, [100])).toBeGreaterThan(20);
    expect(trainingSlices(['one'], [slice('only', 1)])).toBeNull();
    expect(trainingSlices(['one'], [])).toBeNull();
  });

  it('is the mean of the three nearest, each feature in its standard deviations', () => {
    const value = fc.integer({ min: -50, max: 50 });
    const samples = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), value, value), { minLength: 2, maxLength: 12 });
    fc.assert(
      fc.property(samples, fc.tuple(value, value), (rows, features) => {
        const known = trainingSlices(
          ['one', 'two'],
          rows.map(([id, one, two]) => slice(id, one, two)),
        );
        if (!known) throw new Error('There are enough slices.');
        const scale = [1, 2].map((column) => {
          const values = rows.map((row) => row[column] as number);
          const mean = values.reduce((sum, each) => sum + each, 0) / values.length;
          return Math.max(1e-3, Math.sqrt(values.reduce((sum, each) => sum + (each - mean) ** 2, 0) / values.length));
        });
        const distances = rows
          .map(([, one, two]) => Math.hypot((one - features[0]) / scale[0], (two - features[1]) / scale[1]))
          .sort((a, b) => a - b)
          .slice(0, 3);
        const mean = distances.reduce((sum, each) => sum + each, 0) / distances.length;
        const expected = mean / Math.max(1e-3, known.typicalDistance);
        expect(trainingDistance(known, features) / (expected || 1)).toBeCloseTo(expected === 0 ? 0 : 1, 8);
      }),
    );
  });
});

describe('sliceFeatures', () => {
  const names = featureNames(1, 3);
  const of = (columns: number, intensities: number[], classes: number[]) => {
    const values = sliceFeatures(
      {
        rows: intensities.length / columns,
        columns,
        planes: Float32Array.from(intensities),
        classes: Int16Array.from(classes),
      },
      3,
    );
    return Object.fromEntries(names.map((name, index) => [name.replace('channel 0 ', ''), values[index]]));
  };

  it('are what they are called', () => {
    const found = of(4, [0, 1, 2, 3, 0, 5, 5, 0, 0, 5, 5, 0], [0, 0, 0, 0, 0, 1, 1, 0, 0, 1, 2, -1]);
    expect(found).toEqual({
      '10th percentile': 0,
      median: 1.5,
      '90th percentile': 5,
      // Steps 1, 1, 1, and 5, 0, 5 twice, over 9 pairs.
      roughness: expect.closeTo(23 / 9),
      inside: 5,
      contrast: expect.closeTo(5 - 6 / 8),
      'label 1 extent': expect.closeTo(Math.sqrt(3)),
      'label 2 extent': 1,
      compactness: 1,
    });
  });

  it('are finite also without labels, and where all is labelled', () => {
    expect(of(2, [1, 1, 1, 1], [0, 0, 0, 0])).toMatchObject({ inside: 1, contrast: 0, compactness: 0 });
    expect(of(2, [1, 2, 3, 4], [1, 1, 1, 1])).toMatchObject({ inside: 2.5, contrast: 0, compactness: 1 });
    expect(of(1, [7], [0])).toMatchObject({ roughness: 0 });
  });

  it('see each channel by itself', () => {
    const both = sliceFeatures(
      { rows: 1, columns: 2, planes: Float32Array.of(1, 1, 8, 8), classes: Int16Array.of(0, 1) },
      2,
    );
    expect(both).toHaveLength(featureNames(2, 2).length);
    const medians = featureNames(2, 2).flatMap((name, index) => (name.endsWith('median') ? [both[index]] : []));
    expect(medians).toEqual([1, 8]);
  });
});
