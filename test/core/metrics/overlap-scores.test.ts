import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LabelMap } from '../../../src/core/label/label-map.ts';
import { scoreCohort } from '../../../src/core/metrics/cohort-scores.ts';
import { OverlapCounter } from '../../../src/core/metrics/overlap-counter.ts';
import { definedMean, dice, iou } from '../../../src/core/metrics/overlap-scores.ts';
import { scoreSegmentation } from '../../../src/core/metrics/score-segmentation.ts';
import { readGolden } from '../../support/golden.ts';

interface GoldenScore {
  readonly dice: number | null;
  readonly iou: number | null;
  readonly truthMl: number;
}

const golden = readGolden<{
  readonly shape: readonly [number, number, number];
  readonly voxelMm3: number;
  readonly cases: Readonly<Record<string, Readonly<Record<string, GoldenScore>>>>;
  readonly pooled: Readonly<Record<string, GoldenScore>>;
  readonly meanDice: number;
}>('overlap-scores.json');

const labels = [
  { value: 1, name: 'one' },
  { value: 2, name: 'two' },
  { value: 3, name: 'three' },
];

describe('OverlapCounter', () => {
  const pairs = fc
    .integer({ min: 1, max: 400 })
    .chain((length) =>
      fc.tuple(
        fc.array(fc.integer({ min: 0, max: 4 }), { minLength: length, maxLength: length }),
        fc.array(fc.integer({ min: 0, max: 4 }), { minLength: length, maxLength: length }),
      ),
    );

  it('counts what a naive count over sets counts, however the voxels are portioned', () => {
    fc.assert(
      fc.property(
        pairs,
        fc.integer({ min: 1, max: 50 }),
        fc.option(fc.integer({ min: 0, max: 4 })),
        (pair, step, ignored) => {
          const [prediction, truth] = pair;
          const counter = new OverlapCounter(5, ignored ?? undefined);
          for (let n = 0; n < truth.length; n += step) {
            counter.add(Uint8Array.from(prediction.slice(n, n + step)), Int32Array.from(truth.slice(n, n + step)));
          }
          const places = truth.map((_, n) => n).filter((n) => truth[n] !== ignored);
          for (let label = 0; label < 5; label++) {
            const said = new Set(places.filter((n) => prediction[n] === label));
            const is = new Set(places.filter((n) => truth[n] === label));
            const both = [...said].filter((n) => is.has(n)).length;
            expect(counter.counts(label)).toEqual({ prediction: said.size, truth: is.size, both });
            expect(dice(counter.counts(label))).toBe((2 * both) / (said.size + is.size));
            expect(iou(counter.counts(label))).toBe(both / new Set([...said, ...is]).size);
          }
        },
      ),
    );
  });

  it('is symmetric, is 1 for equal masks, and IoU = Dice / (2 - Dice)', () => {
    fc.assert(
      fc.property(pairs, ([a, b]) => {
        const [forth, back, same] = [new OverlapCounter(5), new OverlapCounter(5), new OverlapCounter(5)];
        forth.add(Uint8Array.from(a), Uint8Array.from(b));
        back.add(Uint8Array.from(b), Uint8Array.from(a));
        same.add(Uint8Array.from(a), Uint8Array.from(a));
        for (let label = 0; label < 5; label++) {
          const value = dice(forth.counts(label));
          expect(dice(back.counts(label))).toBe(value);
          expect(dice(same.counts(label))).toBe(a.includes(label) ? 1 : Number.NaN);
          if (!Number.isNaN(value)) expect(iou(forth.counts(label))).toBeCloseTo(value / (2 - value), 12);
        }
      }),
    );
  });

  it('reads label maps larger than its block, uniform parts and labels above 255 included', () => {
    const shape = [64, 64, 40] as const;
    const [prediction, truth] = [new LabelMap(shape), new LabelMap(shape)];
    prediction.fill(1000, 90_000, 300);
    truth.fill(50_000, 100_000, 300);
    const counter = new OverlapCounter(301);
    counter.addLabelMaps(prediction, truth);
    expect(counter.counts(300)).toEqual({ prediction: 90_000, truth: 100_000, both: 41_000 });
    expect(counter.counts(7)).toEqual({ prediction: 0, truth: 0, both: 0 });
  });

  it('refuses maps of different shapes, portions of different lengths and unknown labels', () => {
    const counter = new OverlapCounter(2);
    expect(() => counter.addLabelMaps(new LabelMap([2, 3, 4]), new LabelMap([3, 2, 4]))).toThrow(/2 x 3 x 4/);
    expect(() => counter.add(new Uint8Array(3), new Uint8Array(4))).toThrow(RangeError);
    expect(() => counter.add(Uint8Array.of(2), Uint8Array.of(0))).toThrow(RangeError);
    expect(() => counter.add(Uint8Array.of(0), Int16Array.of(-1))).toThrow(RangeError);
    expect(() => counter.counts(2)).toThrow(RangeError);
  });
});

describe('scores', () => {
  const score = (id: string, prediction: Uint8Array, truth: Uint8Array, scored = labels) =>
    scoreSegmentation(id, prediction, truth, {
      shape: [truth.length, 1, 1],
      spacingMm: [0.75, 0.75, 3],
      labels: scored,
      toleranceMm: 1,
    });

  it('are NaN, and null in JSON, where a label is in neither mask, and no mean counts them', () => {
    const scored = score('case', Uint8Array.of(1, 1, 0, 0), Uint8Array.of(1, 0, 2, 0));
    expect(scored.labels.map((label) => label.dice)).toEqual([2 / 3, 0, Number.NaN]);
    expect(scored.meanDice).toBeCloseTo(1 / 3, 12);
    expect(JSON.parse(JSON.stringify(scored)).labels[2].dice).toBeNull();
    expect(definedMean([])).toBeNaN();
  });

  it('weigh cases alike in the mean and voxels alike when pooled', () => {
    const one = [{ value: 5, name: 'liver' }];
    const scored = scoreCohort([
      score('small', Uint8Array.of(1, 1), Uint8Array.of(1, 1), one),
      score('large', new Uint8Array(98).fill(1), new Uint8Array(98), one),
    ]);
    expect(scored.meanDice).toBe(0.5);
    expect(scored.pooledDice).toBe(4 / 102);
    expect(scored.labels).toMatchObject([
      { value: 5, name: 'liver', meanDice: 0.5, meanIou: 0.5, pooledDice: 4 / 102, pooledIou: 2 / 100, cases: 2 },
    ]);
  });

  it('agree with numpy (test/golden/overlap-scores.py)', () => {
    const cases = [
      { id: 'a', prediction: recurrence(1, 3), truth: recurrence(2, 3) },
      { id: 'b', prediction: recurrence(3, 2), truth: recurrence(4, 2) },
    ].map(({ id, prediction, truth }) => score(id, prediction, truth));
    const scored = scoreCohort(cases);
    for (const { id, labels: found } of cases) {
      const expected = golden.cases[id];
      for (const label of found) {
        const gold = expected[label.value];
        expect(JSON.parse(JSON.stringify(label))).toMatchObject({ dice: gold.dice, iou: gold.iou });
        expect(label.truthMl).toBeCloseTo(gold.truthMl, 10);
      }
    }
    for (const label of scored.labels) {
      const gold = golden.pooled[label.value];
      expect([label.pooledDice, label.pooledIou]).toEqual([gold.dice, gold.iou]);
    }
    expect(scored.meanDice).toBeCloseTo(golden.meanDice, 12);
  });
});

/** The label maps of the golden script. */
function recurrence(seed: number, highest: number): Uint8Array {
  const [nx, ny, nz] = golden.shape;
  let state = BigInt(seed);
  return Uint8Array.from({ length: nx * ny * nz }, () => {
    state = (1103515245n * state + 12345n) % 2n ** 31n;
    const value = Number((state / 65536n) % BigInt(highest + 2));
    return value > highest ? 0 : value;
  });
}
