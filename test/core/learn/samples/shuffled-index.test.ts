import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mixSeeds } from '../../../../src/core/learn/samples/mix-seeds.ts';
import { shuffledIndex } from '../../../../src/core/learn/samples/shuffled-index.ts';

describe('shuffledIndex', () => {
  it('is a permutation', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), fc.integer(), (count, key) => {
        const found = Array.from({ length: count }, (_, index) => shuffledIndex(index, count, key));
        expect([...found].sort((a, b) => a - b)).toEqual(found.map((_, index) => index));
      }),
      { numRuns: 200, seed: 1 },
    );
  });

  it('puts every number everywhere, equally often', () => {
    const count = 7;
    const keys = 7000;
    const at = Array.from({ length: count * count }, () => 0);
    for (let key = 0; key < keys; key++) {
      for (let index = 0; index < count; index++) at[index * count + shuffledIndex(index, count, mixSeeds(1, key))]++;
    }
    // A binomial count of 7,000 trials at 1/7 has a standard deviation of 29.
    for (const times of at) expect(Math.abs(times - keys / count)).toBeLessThan(5 * 29);
  });
});

describe('mixSeeds', () => {
  it('tells numbers, their order and their count apart', () => {
    const seeds = [mixSeeds(), mixSeeds(0), mixSeeds(0, 0), mixSeeds(1, 2), mixSeeds(2, 1), mixSeeds(1), mixSeeds(-1)];
    expect(new Set(seeds).size).toBe(seeds.length);
  });

  it('spreads small numbers over all bits', () => {
    const bits = new Array<number>(32).fill(0);
    for (let step = 0; step < 100; step++) {
      for (let place = 0; place < 100; place++) {
        const seed = mixSeeds(1, step, place);
        for (let bit = 0; bit < 32; bit++) bits[bit] += (seed >>> bit) & 1;
      }
    }
    for (const ones of bits) expect(Math.abs(ones - 5000)).toBeLessThan(5 * 50);
  });
});
