import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defaultWindow } from '../../../src/core/volume/default-window.ts';
import { measureIntensities, summarizeIntensities } from '../../../src/core/volume/intensity-statistics.ts';
import { arrayVoxels } from '../../support/array-voxels.ts';

const NAN = Number.NaN;

function floats(values: ArrayLike<number>) {
  return arrayVoxels('f32', new Uint8Array(Float32Array.from(values).buffer), { voxelsPerSlab: 100_000 });
}

// v = (np.arange(1001) ** 2 % 997).astype('f8'); v.mean(), v.std(), np.quantile(v, [0.005, 0.995])
const NUMPY = { mean: 496.02397602397605, std: 293.53959516672495, low: 3.0, high: 993.0 };

describe('intensity statistics', () => {
  it('are those of numpy', () => {
    const statistics = summarizeIntensities(Float32Array.from({ length: 1001 }, (_, n) => (n * n) % 997));
    expect(statistics).toMatchObject({ min: 0, max: 996, sampled: 1001, notFinite: 0 });
    expect(statistics.mean).toBeCloseTo(NUMPY.mean, 6);
    expect(statistics.standardDeviation).toBeCloseTo(NUMPY.std, 6);
    expect(statistics.low).toBeCloseTo(NUMPY.low, 6);
    expect(statistics.high).toBeCloseTo(NUMPY.high, 6);
  });

  it('leave out what is not finite, and count it', async () => {
    const values = [3, NAN, 1, Number.POSITIVE_INFINITY, 2, Number.NEGATIVE_INFINITY];
    expect(await measureIntensities(floats(values), 0, 6)).toMatchObject({
      min: 1,
      max: 3,
      mean: 2,
      sampled: 6,
      notFinite: 3,
    });
  });

  it('are all 0 where nothing is finite', async () => {
    const statistics = await measureIntensities(floats([NAN, NAN]), 0, 2);
    expect(statistics).toEqual({
      min: 0,
      max: 0,
      mean: 0,
      standardDeviation: 0,
      low: 0,
      high: 0,
      voxels: 2,
      sampled: 2,
      allVoxels: 2,
      notFinite: 2,
    });
  });

  it('are those of one time point', async () => {
    const source = arrayVoxels('u8', Uint8Array.from([1, 2, 3, 10, 20, 30, 7, 7, 7]), {
      voxelsPerSlab: 2,
      slope: 2,
      intercept: 1,
    });
    expect(await measureIntensities(source, 3, 3)).toMatchObject({ min: 21, max: 61, mean: 41, sampled: 3 });
  });

  it('of a large volume come from an even sample of about 2^20 voxels', async () => {
    // Columns differ: a stride that divided the row length of 512 would see one of them only.
    const values = Float32Array.from({ length: 512 * 8192 }, (_, n) => n % 512);
    const statistics = await measureIntensities(floats(values), 0, values.length);
    expect(statistics.sampled).toBeGreaterThan(300_000);
    expect(statistics.sampled).toBeLessThanOrEqual(2 ** 20 + 100);
    expect(statistics).toMatchObject({ min: 0, max: 511 });
    expect(statistics.mean).toBeCloseTo(255.5, 0);
    expect(statistics.low).toBeCloseTo(2, 0);
  });

  it('have the range of every voxel, also where percentiles come from a sample (r08)', async () => {
    const values = new Float32Array(1_700_000).fill(20);
    values[1_234_567] = 3068;
    values[345_678] = -3024;
    values[77] = NAN;
    const statistics = await measureIntensities(floats(values), 0, values.length);
    expect(statistics).toMatchObject({ min: -3024, max: 3068, low: 20, high: 20, voxels: 1_700_000, notFinite: 1 });
    expect(statistics.sampled).toBeLessThan(1_700_000);
  });

  it('do not round 32-bit numbers', async () => {
    const source = arrayVoxels('i32', new Uint8Array(Int32Array.from([2 ** 31 - 1, -(2 ** 31) + 1]).buffer));
    expect(await measureIntensities(source, 0, 2)).toMatchObject({ min: -(2 ** 31) + 1, max: 2 ** 31 - 1 });
  });

  it('are those of a naive count, whatever the slabs', async () => {
    const value = fc.oneof(fc.double({ min: -1e4, max: 1e4, noNaN: true }), fc.constantFrom(NAN, 1 / 0, -1 / 0));
    await fc.assert(
      fc.asyncProperty(
        fc.array(value, { minLength: 1, maxLength: 60 }),
        fc.integer({ min: 1, max: 20 }),
        fc.nat(59),
        async (numbers, voxelsPerSlab, skip) => {
          const stored = Float64Array.from(numbers);
          const source = arrayVoxels('f64', new Uint8Array(stored.buffer), { voxelsPerSlab });
          const start = skip % numbers.length;
          const statistics = await measureIntensities(source, start, numbers.length - start);
          const counted = numbers.slice(start);
          const finite = counted.filter(Number.isFinite);
          expect(statistics.voxels).toBe(counted.length);
          expect(statistics.notFinite).toBe(counted.length - finite.length);
          if (finite.length === 0) return;
          const mean = finite.reduce((sum, each) => sum + each, 0) / finite.length;
          const variance = finite.reduce((sum, each) => sum + (each - mean) ** 2, 0) / finite.length;
          expect([statistics.min, statistics.max]).toEqual([Math.min(...finite), Math.max(...finite)]);
          expect(statistics.mean).toBeCloseTo(mean, 6);
          expect(statistics.standardDeviation).toBeCloseTo(Math.sqrt(variance), 3);
        },
      ),
    );
  });

  it('of a volume that is not in memory come from few slabs', async () => {
    const source = floats(new Float32Array(1_000_000).fill(5));
    const statistics = await measureIntensities(source, 0, 1_000_000, { maxSlabs: 3 });
    expect(source.asked.size).toBe(3);
    expect(statistics).toMatchObject({ min: 5, max: 5, sampled: 300_000 });
  });
});

describe('default window', () => {
  const statistics = (min: number, low: number, high: number, max: number) => ({
    min,
    low,
    high,
    max,
    mean: 0,
    standardDeviation: 1,
    voxels: 100,
    allVoxels: 100,
    sampled: 100,
    notFinite: 0,
  });

  it('of CT is that of soft tissue', () => {
    expect(defaultWindow(statistics(-1024, -1000, 900, 3071))).toEqual({ level: 40, width: 400 });
    expect(defaultWindow(statistics(-3024, -3024, 500, 1500), [0, 100])).toEqual({ level: 40, width: 400 });
  });

  it('of other images is the range without the outermost', () => {
    expect(defaultWindow(statistics(0, 10, 510, 4000))).toEqual({ level: 260, width: 500 });
    expect(defaultWindow(statistics(-4096, -4080, 4080, 4095))).toEqual({ level: 0, width: 8160 });
    expect(defaultWindow(statistics(-3, -2, 2, 3))).toEqual({ level: 0, width: 4 });
  });

  it('is the one that the file suggests, if that shows anything', () => {
    expect(defaultWindow(statistics(0, 10, 510, 4000), [100, 300])).toEqual({ level: 200, width: 200 });
    expect(defaultWindow(statistics(0, 10, 510, 4000), [600, 700])).toEqual({ level: 260, width: 500 });
    expect(defaultWindow(statistics(0, 10, 510, 4000), [20, 20.5])).toEqual({ level: 260, width: 500 });
  });

  it('is wider than 0 for constant images, all-NaN images, masks and huge values', () => {
    expect(defaultWindow(statistics(7, 7, 7, 7))).toEqual({ level: 7, width: 1 });
    expect(defaultWindow(statistics(0, 0, 0, 0))).toEqual({ level: 0, width: 1 });
    expect(defaultWindow(statistics(1e9, 1e9, 1e9, 1e9)).width).toBe(1e6);
    expect(defaultWindow(statistics(0, 0, 0, 2))).toEqual({ level: 1, width: 2 });
    const huge = defaultWindow(statistics(-1.7e308, -1.7e308, 1.7e308, 1.7e308));
    expect(huge.level).toBe(0);
    expect(huge.width).toBe(Number.MAX_VALUE);
  });
});
