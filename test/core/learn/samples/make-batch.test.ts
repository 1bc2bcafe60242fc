import { describe, expect, it } from 'vitest';
import { inputChannels, type Plan } from '../../../../src/core/learn/plan/plan.ts';
import { STORED_PER_UNIT } from '../../../../src/core/learn/planes/stored-slice.ts';
import { BatchMaker, stepsPerEpoch } from '../../../../src/core/learn/samples/make-batch.ts';
import { sampleTable } from '../../../../src/core/learn/samples/sample-table.ts';
import { memoryCase } from '../../../support/memory-slices.ts';
import { SMALL_PLAN } from '../../../support/small-plan.ts';

const STILL: Plan = {
  ...SMALL_PLAN,
  neighbours: 1,
  network: { ...SMALL_PLAN.network, inChannels: 3 },
  batch: { size: 6, foregroundShare: 0.5, hardShare: 0.5 },
};
const MOVING: Plan = {
  ...STILL,
  augmentation: {
    mirror: ['left-right', 'superior-inferior'],
    affine: { probability: 0.8, rotationDegrees: 30, scale: 0.2, shift: 0.1 },
    elastic: { probability: 0.8, displacementPixels: 1, gridPixels: 4 },
    intensity: { probability: 0.8, contrast: 0.2, brightness: 0.3 },
    gamma: { probability: 0.8, low: 0.7, high: 1.4 },
    noise: { probability: 0.8, standardDeviation: 0.2 },
    blur: { probability: 0.8, sigmaPixels: 1 },
    lowResolution: { probability: 0.8, factor: 2 },
  },
};
const shows = Array.from({ length: 20 }, (_, slice) => (slice < 4 ? [1] : slice === 4 ? [1, 2] : []));

function maker(plan: Plan, seed = 1, size: { rows: number; columns: number } = plan.plane) {
  const cases = [memoryCase(shows, plan, size), memoryCase(shows.slice(3), plan, size)];
  const table = sampleTable(cases.map(({ labelled }) => labelled));
  return { table, maker: new BatchMaker(plan, table, seed, (index, slice) => cases[index].read(slice)), cases };
}

describe('BatchMaker', () => {
  it('gives batches of the planned shape, and without augmentation what is stored', () => {
    const { maker: made, table, cases } = maker(STILL);
    const { rows, columns } = STILL.plane;
    const pixels = rows * columns;
    const { input, target, samples } = made.batch(3);
    expect(input.shape).toEqual([6, inputChannels(STILL), rows, columns]);
    expect(target.shape).toEqual([6, rows, columns]);
    samples.forEach((sample, place) => {
      const stored = cases[table.caseOf[sample]].read(table.sliceOf[sample]);
      expect([...target.data.subarray(place * pixels, (place + 1) * pixels)]).toEqual([...stored.classes]);
      stored.planes.forEach((value, at) => {
        expect(input.data[place * 3 * pixels + at]).toBeCloseTo(value / STORED_PER_UNIT, 5);
      });
    });
  });

  it('makes the same batch whoever makes it and whatever was made before', () => {
    for (const plan of [STILL, MOVING]) {
      const one = maker(plan).maker;
      const batches = [0, 1, 2, 3, 4].map((step) => one.batch(step));
      expect(maker(plan).maker.batch(4)).toEqual(batches[4]);
      expect(one.batch(2)).toEqual(batches[2]);
      expect(maker(plan, 2).maker.batch(4)).not.toEqual(batches[4]);
      expect(batches[0].input).not.toEqual(batches[1].input);
    }
  });

  it('augments: padding and what lies outside stays 0 and ignored, all is finite', () => {
    // Slices smaller than the plane of 8 x 8.
    const { maker: made } = maker(MOVING, 1, { rows: 5, columns: 6 });
    let outside = 0;
    for (let step = 0; step < 30; step++) {
      const { input, target } = made.batch(step);
      expect(input.data.every(Number.isFinite)).toBe(true);
      target.data.forEach((label, at) => {
        if (label !== -1) return;
        outside++;
        const [place, pixel] = [Math.floor(at / 64), at % 64];
        for (let channel = 0; channel < 3; channel++) expect(input.data[(place * 3 + channel) * 64 + pixel]).toBe(0);
      });
    }
    expect(outside).toBeGreaterThan(1000);
  });

  it('draws by the difficulties that are in force at the step, and by no others', () => {
    const only = (sample: number, count: number) =>
      Float32Array.from({ length: count }, (_, at) => (at === sample ? 1 : 0));
    const { maker: made, table } = maker(STILL);
    const count = table.caseOf.length;
    const before = made.batch(9).samples;
    made.setDifficulties(10, only(11, count));
    made.setDifficulties(20, only(13, count));
    expect(made.batch(9).samples).toEqual(before);
    for (const [step, sample] of [
      [10, 11],
      [19, 11],
      [20, 13],
      [400, 13],
    ]) {
      expect(made.batch(step).samples.slice(3)).toEqual([sample, sample, sample]);
    }
    // What was to come into force later is replaced.
    made.setDifficulties(15, only(2, count));
    expect(made.batch(14).samples.slice(3)).toEqual([11, 11, 11]);
    expect(made.batch(20).samples.slice(3)).toEqual([2, 2, 2]);
  });
});

describe('stepsPerEpoch', () => {
  it('draws as many slices as there are', () => {
    expect(stepsPerEpoch(100, STILL)).toBe(17);
    expect(stepsPerEpoch(0, STILL)).toBe(1);
  });
});
