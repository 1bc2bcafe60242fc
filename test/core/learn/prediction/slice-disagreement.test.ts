import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { VoxelAxis } from '../../../../src/core/geometry/vector.ts';
import { OpinionSpread } from '../../../../src/core/learn/prediction/opinion-spread.ts';
import { mostProbable } from '../../../../src/core/learn/prediction/predict-volume.ts';
import { sliceDisagreements, spreadBytes } from '../../../../src/core/learn/prediction/slice-disagreement.ts';
import { doubtOf } from '../../../../src/core/learn/prediction/uncertainty.ts';
import { rasGrid } from '../../../support/learn-cases.ts';

/** Class by voxel, as one opinion has it. */
type Opinion = readonly number[];

/** What a volume of certain opinions gives. */
function disagreements(opinions: readonly Opinion[], shape: [number, number, number], axis: VoxelAxis, classes = 2) {
  const voxels = opinions[0].length;
  const certain = (opinion: Opinion, label: number) => Float32Array.from(opinion, (each) => (each === label ? 1 : 0));
  const spreads = new OpinionSpread(voxels, classes);
  const means = Array.from({ length: classes }, () => new Float32Array(voxels));
  for (const opinion of opinions) {
    for (let label = 0; label < classes; label++) {
      const probabilities = certain(opinion, label);
      spreads.add(label, probabilities);
      for (let voxel = 0; voxel < voxels; voxel++) means[label][voxel] += probabilities[voxel] / opinions.length;
    }
  }
  const spread = new Float32Array(voxels);
  spreads.finish(spread);
  const bytes = new Uint8Array(voxels);
  spreadBytes(spread, bytes);
  const best = new Uint16Array(voxels);
  mostProbable(means, best);
  const doubt = new Uint8Array(voxels);
  doubtOf(means, best, doubt);
  const found = sliceDisagreements({ spread: bytes, opinions: opinions.length }, doubt, best, rasGrid(shape), axis);
  return { found, spread };
}

/** One minus the Dice of all pairs together, each pair beside eight pixels that both are sure of. */
function naiveDisagreement(opinions: readonly Opinion[], pixels: readonly number[]): number {
  let [differing, sizes] = [0, 0];
  opinions.forEach((one, index) => {
    for (const other of opinions.slice(index + 1)) {
      for (const pixel of pixels) {
        differing += one[pixel] === other[pixel] ? 0 : 1;
        sizes += one[pixel] + other[pixel];
      }
      sizes += 8;
    }
  });
  return differing / sizes;
}

const extent = fc.integer({ min: 1, max: 6 });
const binaryOpinions = fc.tuple(extent, extent, extent, fc.integer({ min: 2, max: 4 })).chain(([nx, ny, nz, count]) =>
  fc.record({
    shape: fc.constant<[number, number, number]>([nx, ny, nz]),
    opinions: fc.array(fc.array(fc.constantFrom(0, 0, 1), { minLength: nx * ny * nz, maxLength: nx * ny * nz }), {
      minLength: count,
      maxLength: count,
    }),
  }),
);

describe('sliceDisagreements', () => {
  it('are one minus the Dice of certain opinions with one another, along any axis', () => {
    fc.assert(
      fc.property(binaryOpinions, fc.constantFrom<VoxelAxis>(0, 1, 2), ({ shape, opinions }, axis) => {
        const { found } = disagreements(opinions, shape, axis);
        expect(found).toHaveLength(shape[axis]);
        const stride = [1, shape[0], shape[0] * shape[1]][axis];
        found.forEach((value, slice) => {
          const here = [...opinions[0].keys()].filter((voxel) => Math.floor(voxel / stride) % shape[axis] === slice);
          // A spread is kept in 510 steps.
          expect(Math.abs(value - Math.min(1, naiveDisagreement(opinions, here)))).toBeLessThan(0.015);
        });
      }),
    );
  });

  it('are 0 where all say the same, whatever it is, and grow with what differs', () => {
    const line = (text: string) => [...text].map(Number);
    const of = (...texts: string[]) => disagreements(texts.map(line), [texts[0].length, 1, 1], 2).found[0];
    expect(of('0110', '0110', '0110')).toBe(0);
    expect(of('0000', '0000')).toBe(0);
    expect(of('0111111110', '0111111100')).toBeLessThan(of('0111111110', '0111100000'));
    expect(of('0111111110', '0111100000')).toBeLessThan(of('0111111110', '0000000000'));
  });

  it('count what all are equally unsure of as no disagreement', () => {
    const spreads = new OpinionSpread(1, 2);
    for (let n = 0; n < 3; n++) spreads.add(1, Float32Array.of(0.5));
    const spread = new Float32Array(1);
    spreads.finish(spread);
    expect(spread[0]).toBeCloseTo(0);
  });
});

describe('OpinionSpread', () => {
  it('is the variance between opinions, summed over the classes that are not background', () => {
    const probability = fc.double({ min: 0, max: 1, noNaN: true });
    const opinion = fc.tuple(probability, probability);
    fc.assert(
      fc.property(fc.array(opinion, { minLength: 1, maxLength: 6 }), (opinions) => {
        const spreads = new OpinionSpread(1, 3);
        for (const [first, second] of opinions) {
          spreads.add(0, Float32Array.of(1 - first - second));
          spreads.add(1, Float32Array.of(first));
          spreads.add(2, Float32Array.of(second));
        }
        const target = new Float32Array(1);
        spreads.finish(target);
        const variance = (values: readonly number[]) => {
          const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
          return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
        };
        const expected = variance(opinions.map(([first]) => first)) + variance(opinions.map(([, second]) => second));
        expect(target[0]).toBeCloseTo(expected, 5);
        // It starts over.
        spreads.add(1, Float32Array.of(0.3));
        spreads.add(2, Float32Array.of(0.3));
        spreads.finish(target);
        expect(target[0]).toBeCloseTo(0, 6);
      }),
    );
  });
});
