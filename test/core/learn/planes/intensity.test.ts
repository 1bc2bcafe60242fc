import { describe, expect, it } from 'vitest';
import { applyIntensityMap, intensityMap, intensityProfile } from '../../../../src/core/learn/planes/intensity.ts';
import { quantile } from '../../../../src/core/metrics/quantile.ts';
import { SeededRandom } from '../../../../src/core/random.ts';

const random = new SeededRandom(5);
const noise = Float32Array.from({ length: 5000 }, () => random.normal(100, 15));

describe('intensityProfile', () => {
  it('agrees with the plain formulas', () => {
    const { low, high, mean, standardDeviation, min, max } = intensityProfile(noise);
    const sorted = noise.slice().sort();
    expect(min).toBe(sorted[0]);
    expect(max).toBe(sorted[4999]);
    expect(low).toBeCloseTo(quantile(sorted, 0.005), 6);
    expect(high).toBeCloseTo(quantile(sorted, 0.995), 6);
    const clipped = [...noise].map((value) => Math.min(high, Math.max(low, value)));
    const expectedMean = clipped.reduce((sum, value) => sum + value, 0) / 5000;
    expect(mean).toBeCloseTo(expectedMean, 4);
    const variance = clipped.reduce((sum, value) => sum + (value - expectedMean) ** 2, 0) / 5000;
    expect(standardDeviation).toBeCloseTo(Math.sqrt(variance), 4);
  });

  it('samples large volumes evenly, whatever their shape', () => {
    // 2^22 voxels, a quarter of them sampled: every fourth would be column 0 of each row, and nothing else.
    const columns = 4;
    const values = Float32Array.from({ length: 2 ** 22 }, (_, offset) => (offset % columns === 0 ? 0 : 100));
    const { high, mean } = intensityProfile(values.map((value, offset) => value + (offset % 7)));
    expect(high).toBeGreaterThan(100);
    expect(mean).toBeGreaterThan(70);
  });

  it('leaves a masked background out of mean and deviation, but not a few dark voxels', () => {
    const masked = new Float32Array(10_000);
    masked.set(noise, 0);
    expect(intensityProfile(masked).mean).toBeCloseTo(intensityProfile(noise).mean, 0);
    const few = new Float32Array(5100);
    few.set(noise, 0);
    expect(intensityProfile(few).mean).toBeLessThan(intensityProfile(noise).mean - 1);
  });

  it('keeps the contrast of a body that is a small share of a masked volume', () => {
    const masked = new Float32Array(1_000_000);
    masked.set(noise, 500_000);
    const { low, high, mean, standardDeviation } = intensityProfile(masked);
    const alone = intensityProfile(noise);
    expect(high).toBeCloseTo(alone.high, 0);
    expect(mean).toBeCloseTo(alone.mean, 0);
    expect(standardDeviation).toBeCloseTo(alone.standardDeviation, 0);
    // The background stays apart from the darkest of the body.
    expect(low).toBeLessThan(alone.low - alone.standardDeviation);
  });

  it('does not let far-off padding be all that a network sees', () => {
    const padded = new Float32Array(10_000).fill(-32768);
    padded.set(noise, 0);
    const map = intensityMap({ kind: 'z-score' }, padded);
    applyIntensityMap(map, padded);
    expect(Math.min(...padded)).toBeGreaterThan(-12);
  });

  it('looks at finite values only, and bears volumes without any or without contrast', () => {
    const odd = Float32Array.from(noise);
    odd[3] = Number.NaN;
    odd[4] = Number.POSITIVE_INFINITY;
    expect(intensityProfile(odd).max).toBeLessThan(200);
    expect(intensityProfile(new Float32Array(8).fill(Number.NaN)).standardDeviation).toBe(1);
    expect(intensityProfile(new Float32Array(8).fill(7)).standardDeviation).toBe(1);
  });

  it('knows Hounsfield units, padding of the scanner or not, and takes nothing else for them', () => {
    const mix = (share: number, of: () => number, rest: () => number) =>
      Float32Array.from({ length: 20_000 }, (_, index) => ((index * 7919) % 20_000 < share * 20_000 ? of() : rest()));
    const tissue = () => random.normal(40, 60);
    const air = () => random.normal(-1000, 15);
    const scan = mix(0.4, air, tissue);
    const is = (values: Float32Array) => intensityProfile(values).hounsfield;
    expect(is(scan)).toBe(true);
    for (const padding of [-1024, -2000, -3024, -32768]) {
      expect(is(scan.map((value, index) => (index % 5 === 0 ? padding : value)))).toBe(true);
    }
    expect(is(noise)).toBe(false);
    expect(is(noise.map((value) => value - 1000))).toBe(false);
    expect(
      is(
        mix(
          0.4,
          () => 0,
          () => random.normal(900, 200),
        ),
      ),
    ).toBe(false);
    expect(is(mix(0.4, () => 0, tissue))).toBe(false);
    // 12-bit values without their intercept.
    expect(is(scan.map((value) => value + 1024))).toBe(false);
    expect(is(new Float32Array(9).fill(-1000))).toBe(false);
  });

  it('normalises sparse values (PET), inverted ones and ones with outliers to finite numbers of order one', () => {
    const sparse = Float32Array.from({ length: 20_000 }, (_, index) =>
      index % 50 === 0 ? Math.exp(random.normal(1, 1)) : 0,
    );
    const inverted = noise.map((value) => 4095 - value);
    const outlier = Float32Array.from(noise);
    outlier[7] = 1e30;
    for (const values of [sparse, inverted, outlier]) {
      const normalised = values.slice();
      applyIntensityMap(intensityMap({ kind: 'z-score' }, values), normalised);
      expect(normalised.every((value) => Math.abs(value) < 12)).toBe(true);
      expect(new Set(normalised).size).toBeGreaterThan(100);
    }
  });

  it('samples volumes that are large', () => {
    const large = Float32Array.from({ length: 3_000_000 }, (_, index) => index % 1000);
    expect(intensityProfile(large).mean).toBeCloseTo(499.5, 0);
  });
});

describe('applyIntensityMap', () => {
  it('does not depend on the unit of the scanner', () => {
    const scaled = noise.map((value) => value * 10_000 + 3);
    const [a, b] = [noise.slice(), scaled.slice()];
    applyIntensityMap(intensityMap({ kind: 'z-score' }, a), a);
    applyIntensityMap(intensityMap({ kind: 'z-score' }, b), b);
    a.forEach((value, index) => {
      expect(b[index]).toBeCloseTo(value, 2);
    });
  });

  it('takes what is above -300 for body where a window is planned, air in the image or not', () => {
    const window = { kind: 'window', low: -50, high: 150, mean: 50, standardDeviation: 50 } as const;
    expect(intensityMap(window, noise).bodyAbove).toBe(-300);
    expect(intensityMap({ kind: 'z-score' }, noise).bodyAbove).toBe(intensityProfile(noise).bodyAbove);
  });

  it('clips to a window and makes values that are not finite 0', () => {
    const values = Float32Array.of(-1000, 0, 50, 1000, Number.NaN);
    const window = { kind: 'window', low: -50, high: 150, mean: 50, standardDeviation: 50 } as const;
    applyIntensityMap(intensityMap(window, values), values);
    expect([...values]).toEqual([-2, -1, 0, 2, 0]);
  });
});
