import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { blurPlane } from '../../../../../src/core/learn/samples/augment/blur.ts';
import { changeGamma } from '../../../../../src/core/learn/samples/augment/gamma.ts';
import { lowerResolution } from '../../../../../src/core/learn/samples/augment/low-resolution.ts';
import { addNoise } from '../../../../../src/core/learn/samples/augment/noise.ts';
import { SeededRandom } from '../../../../../src/core/random.ts';

const noise = (length: number, seed = 1) => {
  const random = new SeededRandom(seed);
  return Float32Array.from({ length }, () => random.normal());
};
const mean = (values: Float32Array) => values.reduce((sum, value) => sum + value, 0) / values.length;

describe('addNoise', () => {
  it('adds the variance that was asked for, and no brightness', () => {
    const values = new Float32Array(200_001);
    addNoise(values, 0.3, new SeededRandom(1));
    expect(mean(values)).toBeCloseTo(0, 2);
    expect(Math.sqrt(mean(values.map((value) => value ** 2)))).toBeCloseTo(0.3, 2);
    // Shaped like a bell: 68.3 % within one standard deviation, 4.6 % beyond two.
    const within = (limit: number) => values.filter((value) => Math.abs(value) < limit * 0.3).length / values.length;
    expect(within(1)).toBeCloseTo(0.6827, 2);
    expect(within(2)).toBeCloseTo(0.9545, 2);
  });

  it('is other for every pixel', () => {
    const values = new Float32Array(10_000);
    addNoise(values, 1, new SeededRandom(2));
    for (const lag of [1, 2, 3, 100]) {
      let product = 0;
      for (let at = lag; at < values.length; at++) product += values[at] * values[at - lag];
      expect(Math.abs(product / values.length)).toBeLessThan(0.05);
    }
  });
});

describe('changeGamma', () => {
  it('keeps the range, the order and a gamma of 1', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.5, max: 2, noNaN: true }), fc.nat(), (gamma, seed) => {
        const before = [noise(50, seed), noise(70, seed + 1)];
        const planes = before.map((plane) => plane.slice());
        changeGamma(planes, gamma);
        const [low, high] = [Math.min(...before[0], ...before[1]), Math.max(...before[0], ...before[1])];
        expect(Math.min(...planes[0], ...planes[1])).toBeCloseTo(low, 5);
        expect(Math.max(...planes[0], ...planes[1])).toBeCloseTo(high, 5);
        planes.forEach((plane, index) => {
          plane.forEach((value, at) => {
            const exact = low + (high - low) * ((before[index][at] - low) / (high - low)) ** gamma;
            // Steepest near the lowest value, where the table is coarse.
            expect(Math.abs(value - exact)).toBeLessThan(0.02 * (high - low));
          });
        });
      }),
      { numRuns: 50, seed: 1 },
    );
    const plane = noise(100);
    const same = plane.slice();
    changeGamma([same], 1);
    same.forEach((value, at) => {
      expect(value).toBeCloseTo(plane[at], 4);
    });
  });

  it('leaves a plane of one value alone', () => {
    const plane = new Float32Array(9).fill(2.5);
    changeGamma([plane], 0.7);
    expect(plane).toEqual(new Float32Array(9).fill(2.5));
  });
});

describe('blurPlane', () => {
  /** The whole kernel at once, the outermost pixel repeated. */
  function naiveBlur(plane: Float32Array, rows: number, columns: number, sigma: number): number[] {
    const radius = Math.ceil(3 * sigma);
    const weight = (d: number) => Math.exp(-(d * d) / (2 * sigma * sigma));
    const clamp = (value: number, extent: number) => Math.min(extent - 1, Math.max(0, value));
    return Array.from(plane, (_, at) => {
      let [sum, weights] = [0, 0];
      for (let i = -radius; i <= radius; i++) {
        for (let j = -radius; j <= radius; j++) {
          const row = clamp(Math.floor(at / columns) + i, rows);
          const column = clamp((at % columns) + j, columns);
          sum += weight(i) * weight(j) * plane[row * columns + column];
          weights += weight(i) * weight(j);
        }
      }
      return sum / weights;
    });
  }

  it('agrees with the whole kernel', () => {
    for (const [rows, columns, sigma] of [
      [9, 7, 0.8],
      [3, 20, 2],
      [16, 16, 1.3],
      [1, 1, 1],
    ]) {
      const plane = noise(rows * columns, rows);
      const expected = naiveBlur(plane, rows, columns, sigma);
      blurPlane(plane, rows, columns, sigma, new Float32Array(rows * columns));
      plane.forEach((value, at) => {
        expect(value).toBeCloseTo(expected[at], 5);
      });
    }
  });

  it('with a sigma of 0 changes nothing', () => {
    const plane = noise(20);
    const before = plane.slice();
    blurPlane(plane, 4, 5, 0, new Float32Array(20));
    expect(plane).toEqual(before);
  });
});

describe('lowerResolution', () => {
  it('takes fine detail away and leaves what is coarse where it is', () => {
    const [rows, columns] = [40, 32];
    const wave = (period: number) =>
      Float32Array.from({ length: rows * columns }, (_, at) => Math.sin((2 * Math.PI * (at % columns)) / period));
    const left = (period: number) => {
      const plane = wave(period);
      lowerResolution([plane], rows, columns, 4);
      const before = wave(period);
      return plane.reduce((sum, value, at) => sum + value * before[at], 0) / before.reduce((sum, v) => sum + v * v, 0);
    };
    expect(left(3)).toBeLessThan(0.1);
    expect(left(32)).toBeGreaterThan(0.85);
  });

  it('with a factor of 1 changes nothing', () => {
    const plane = noise(35);
    const before = plane.slice();
    lowerResolution([plane], 5, 7, 1);
    expect(plane).toEqual(before);
  });
});
