import { describe, expect, it } from 'vitest';
import { SampleDraws } from '../../../../src/core/learn/samples/draw-samples.ts';
import { sampleTable } from '../../../../src/core/learn/samples/sample-table.ts';

/** A hundred slices of four cases; label 1 in ten of them, label 2 in two, both in one of these. */
const CASES = Array.from({ length: 4 }, (_, index) =>
  Array.from({ length: 25 }, (__, slice) => ({
    slice: slice * 2,
    classes: [...(index < 2 && slice < 5 ? [1] : []), ...(index === 0 && (slice === 4 || slice === 20) ? [2] : [])],
  })),
);
const TABLE = sampleTable(CASES);

function drawn(
  shares: { size: number; foregroundShare: number; hardShare: number },
  steps: number,
  options: { table?: typeof TABLE; difficulties?: Float32Array; seed?: number } = {},
) {
  const draws = new SampleDraws(options.table ?? TABLE, shares, options.seed ?? 1);
  const hard = options.difficulties && draws.hardUrn(options.difficulties);
  return Array.from({ length: steps }, (_, step) => draws.batch(step, hard));
}

const times = (samples: readonly number[]) => {
  const count = new Array<number>(100).fill(0);
  for (const sample of samples) count[sample]++;
  return count;
};

describe('sampleTable', () => {
  it('names each labelled slice once, by case', () => {
    expect(TABLE.caseOf).toHaveLength(100);
    expect([TABLE.caseOf[26], TABLE.sliceOf[26]]).toEqual([1, 2]);
    expect(TABLE.byLabel.map(({ label, samples }) => [label, [...samples]])).toEqual([
      [1, [0, 1, 2, 3, 4, 25, 26, 27, 28, 29]],
      [2, [4, 20]],
    ]);
  });
});

describe('SampleDraws', () => {
  it('is a function of seed and step: batches may be made in any order', () => {
    const shares = { size: 8, foregroundShare: 0.5, hardShare: 0 };
    const plain = (batch: ReturnType<SampleDraws['batch']>) =>
      batch.map(({ sample, label, random }) => [sample, label, random.uint32()]);
    const draws = new SampleDraws(TABLE, shares, 1);
    const [first, later] = [plain(draws.batch(0, undefined)), plain(draws.batch(17, undefined))];
    expect(plain(draws.batch(17, undefined))).toEqual(later);
    expect(plain(new SampleDraws(TABLE, shares, 1).batch(0, undefined))).toEqual(first);
    expect(plain(new SampleDraws(TABLE, shares, 2).batch(0, undefined))).not.toEqual(first);
    expect(new Set(later.map(([, , number]) => number)).size).toBe(8);
  });

  it('without shares shows every slice once an epoch, each time in another order', () => {
    const batches = drawn({ size: 10, foregroundShare: 0, hardShare: 0 }, 30).map((batch) =>
      batch.map(({ sample }) => sample),
    );
    const epochs = [0, 10, 20].map((start) => batches.slice(start, start + 10).flat());
    for (const epoch of epochs) expect(times(epoch)).toEqual(new Array(100).fill(1));
    expect(epochs[0]).not.toEqual(epochs[1]);
    expect(epochs[0]).not.toEqual([...epochs[0]].sort((a, b) => a - b));
  });

  it('shows each label equally often, and each of its slices equally often', () => {
    const batches = drawn({ size: 8, foregroundShare: 0.5, hardShare: 0 }, 100);
    const showing = batches.map((batch) => batch.filter(({ label }) => label !== null));
    for (const batch of showing) expect(batch).toHaveLength(4);
    const of = (wanted: number) => showing.flat().flatMap(({ label, sample }) => (label === wanted ? [sample] : []));
    expect([of(1).length, of(2).length]).toEqual([200, 200]);
    for (const sample of TABLE.byLabel[0].samples) expect(times(of(1))[sample]).toBe(20);
    for (const sample of TABLE.byLabel[1].samples) expect(times(of(2))[sample]).toBe(100);
    const rest = batches.flat().flatMap(({ label, sample }) => (label === null ? [sample] : []));
    expect(times(rest)).toEqual(new Array(100).fill(4));
  });

  it('keeps shares that are less than one slice of a batch', () => {
    const batches = drawn({ size: 4, foregroundShare: 0.1, hardShare: 0 }, 50);
    expect(batches.flat().filter(({ label }) => label !== null)).toHaveLength(20);
    for (const batch of batches) expect(batch).toHaveLength(4);
  });

  it('draws from all slices where nothing is labelled', () => {
    const empty = sampleTable([Array.from({ length: 100 }, (_, slice) => ({ slice, classes: [] }))]);
    const batches = drawn({ size: 10, foregroundShare: 0.5, hardShare: 0 }, 10, { table: empty });
    expect(times(batches.flat().map(({ sample }) => sample))).toEqual(new Array(100).fill(1));
  });

  it('draws hard slices in proportion to their difficulty', () => {
    const difficulties = new Float32Array(100).fill(0.1);
    difficulties[42] = 4;
    difficulties[7] = 2;
    difficulties[8] = Number.NaN;
    const shares = { size: 10, foregroundShare: 0.3, hardShare: 0.4 };
    const batches = drawn(shares, 500, { difficulties });
    // The three places for labels come first, then the four for what is hard.
    const hard = batches.map((batch) => batch.slice(3, 7).map(({ sample }) => sample));
    const count = times(hard.flat());
    const total = 6 + 97 * 0.1;
    expect(count[42] / 2000).toBeCloseTo(4 / total, 2);
    expect(count[7] / 2000).toBeCloseTo(2 / total, 2);
    expect(count[8]).toBe(0);
    for (const batch of batches) expect(batch.filter(({ label }) => label !== null)).toHaveLength(3);
  });

  it('draws the hard share like the rest while nothing is hard', () => {
    const shares = { size: 10, foregroundShare: 0, hardShare: 0.4 };
    const [without, with0] = [drawn(shares, 10), drawn(shares, 10, { difficulties: new Float32Array(100) })];
    for (const batches of [without, with0]) {
      expect(times(batches.flat().map(({ sample }) => sample))).toEqual(new Array(100).fill(1));
    }
  });

  it('draws slices of a case with more weight more often, also among those that show a label', () => {
    const table = sampleTable(CASES, [1, 3, 1, 1]);
    const batches = drawn({ size: 10, foregroundShare: 0.5, hardShare: 0 }, 1000, { table });
    const rest = batches.flat().flatMap(({ label, sample }) => (label === null ? [sample] : []));
    const ofCase = (index: number, samples: readonly number[]) =>
      samples.filter((sample) => Math.floor(sample / 25) === index).length / samples.length;
    expect(Math.abs(ofCase(1, rest) - 3 / 6)).toBeLessThan(0.015);
    expect(Math.abs(ofCase(2, rest) - 1 / 6)).toBeLessThan(0.015);
    const showing = batches.flat().flatMap(({ label, sample }) => (label === 1 ? [sample] : []));
    expect(Math.abs(ofCase(1, showing) - 3 / 4)).toBeLessThan(0.015);
  });
});
