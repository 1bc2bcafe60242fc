import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../src/core/random.ts';

describe('SeededRandom', () => {
  it('gives the same numbers for the same seed, now and in later versions', () => {
    const random = new SeededRandom(42);
    const drawn = [random.uint32(), random.uint32(), random.uint32()];
    const again = new SeededRandom(42);
    expect([again.uint32(), again.uint32(), again.uint32()]).toEqual(drawn);
    expect(drawn).toMatchInlineSnapshot(`
      [
        1959603763,
        2423114712,
        2466933512,
      ]
    `);
    expect(new SeededRandom(43).uint32()).not.toBe(drawn[0]);
  });

  it('is uniform in [0, 1) and in [min, max)', () => {
    const random = new SeededRandom(1);
    const values = Array.from({ length: 20_000 }, () => random.uniform());
    expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...values)).toBeLessThan(1);
    const counts = new Array<number>(10).fill(0);
    for (const value of values) counts[Math.floor(value * 10)]!++;
    // Each bin holds 2000, standard deviation 42.
    for (const count of counts) expect(Math.abs(count - 2000)).toBeLessThan(210);
    expect(random.uniform(3, 3.5)).toBeGreaterThanOrEqual(3);
  });

  it('draws normal numbers with the right mean and deviation', () => {
    const random = new SeededRandom(2);
    const values = Array.from({ length: 20_000 }, () => random.normal(5, 2));
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    expect(mean).toBeCloseTo(5, 1);
    expect(Math.sqrt(variance)).toBeCloseTo(2, 1);
  });

  it('shuffles without losing anything, and picks from what there is', () => {
    const random = new SeededRandom(3);
    const items = Array.from({ length: 50 }, (_, i) => i);
    const shuffled = random.shuffle([...items]);
    expect(shuffled).not.toEqual(items);
    expect([...shuffled].sort((a, b) => a - b)).toEqual(items);
    expect(items).toContain(random.pick(items));
    expect(() => random.pick([])).toThrow(RangeError);
  });

  it('forks a generator that is its own', () => {
    const [a, b] = [new SeededRandom(4), new SeededRandom(4)];
    const fork = a.fork();
    fork.uint32();
    b.fork();
    expect(a.uint32()).toBe(b.uint32());
    expect(fork.uint32()).not.toBe(a.uint32());
  });
});
