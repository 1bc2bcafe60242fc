import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { agreementCsv, agreementOf } from '../../../src/core/metrics/agreement.ts';
import { labelKappa, overallKappa } from '../../../src/core/metrics/kappa.ts';
import { OverlapCounter } from '../../../src/core/metrics/overlap-counter.ts';
import { scoreSegmentation } from '../../../src/core/metrics/score-segmentation.ts';
import { readGolden } from '../../support/golden.ts';

const golden = readGolden<{
  readonly voxels: number;
  readonly cases: readonly {
    readonly seed: number;
    readonly highest: number;
    readonly foreground: number;
    readonly changed: number;
    readonly overall: number;
    readonly labels: readonly number[];
  }[];
}>('kappa.json');

/** As `label_map` of kappa.py. */
function labelMap(seed: number, highest: number, foreground: number): Uint8Array {
  let state = seed;
  const next = () => {
    state = Number((1103515245n * BigInt(state) + 12345n) % 2147483648n);
    return Math.floor(state / 65536);
  };
  return Uint8Array.from({ length: golden.voxels }, () => {
    const inside = next() % 100 < foreground;
    const label = 1 + (next() % highest);
    return inside ? label : 0;
  });
}

function secondMap(first: Uint8Array, seed: number, highest: number, changed: number): Uint8Array {
  const again = labelMap(seed, highest, 50);
  const chosen = labelMap(seed + 1, 1, changed);
  return first.map((label, n) => (chosen[n] === 1 ? again[n] : label));
}

function scored(first: Uint8Array, second: Uint8Array, highest: number) {
  return scoreSegmentation('case', second, first, {
    shape: [first.length, 1, 1],
    spacingMm: [1, 1, 2],
    labels: Array.from({ length: highest }, (_, n) => ({ value: n + 1, name: `label ${n + 1}` })),
    toleranceMm: 1,
  });
}

describe("Cohen's kappa", () => {
  it.each(golden.cases)("is scikit-learn's cohen_kappa_score (seed $seed)", (expected) => {
    const first = labelMap(expected.seed, expected.highest, expected.foreground);
    const second = secondMap(first, expected.seed + 100, expected.highest, expected.changed);
    const agreement = agreementOf(scored(first, second, expected.highest));
    expect(agreement.kappa).toBeCloseTo(expected.overall, 12);
    for (const [index, kappa] of expected.labels.entries()) {
      expect(agreement.labels[index].kappa).toBeCloseTo(kappa, 12);
    }
  });

  it('is what the table of both people says, whoever comes first, and 1 exactly where they agree', () => {
    const maps = fc
      .integer({ min: 1, max: 60 })
      .chain((length) =>
        fc.tuple(
          fc.array(fc.nat(3), { minLength: length, maxLength: length }),
          fc.array(fc.nat(3), { minLength: length, maxLength: length }),
        ),
      );
    fc.assert(
      fc.property(maps, ([first, second]) => {
        const n = first.length;
        const share = (of: readonly number[], label: number) => of.filter((each) => each === label).length / n;
        const observed = first.filter((label, at) => label === second[at]).length / n;
        const expected = [0, 1, 2, 3].reduce((sum, label) => sum + share(first, label) * share(second, label), 0);
        const counter = new OverlapCounter(4);
        counter.add(Uint8Array.from(second), Uint8Array.from(first));
        const kappa = overallKappa([0, 1, 2, 3].map((label) => counter.counts(label)));
        const agreement = agreementOf(scored(Uint8Array.from(first), Uint8Array.from(second), 3));
        expect(agreement.differingVoxels).toBe(Math.round(n * (1 - observed)));
        if (expected === 1) {
          expect(kappa).toBeNaN();
          expect(agreement.kappa).toBeNull();
          return;
        }
        expect(kappa).toBeCloseTo((observed - expected) / (1 - expected), 10);
        expect(agreement.kappa).toBeCloseTo(kappa, 10);
        const turned = agreementOf(scored(Uint8Array.from(second), Uint8Array.from(first), 3));
        expect(turned.kappa).toBeCloseTo(kappa, 10);
        expect(turned.labels.map(({ dice, hd95Mm, surfaceDice }) => [dice, hd95Mm, surfaceDice])).toEqual(
          agreement.labels.map(({ dice, hd95Mm, surfaceDice }) => [dice, hd95Mm, surfaceDice]),
        );
        if (observed === 1) expect(kappa).toBe(1);
      }),
    );
  });

  it('has nothing to say where a label fills both maps or neither', () => {
    expect(labelKappa({ prediction: 0, truth: 0, both: 0 }, 10)).toBeNaN();
    expect(labelKappa({ prediction: 10, truth: 10, both: 10 }, 10)).toBeNaN();
    expect(labelKappa({ prediction: 5, truth: 5, both: 0 }, 10)).toBe(-1);
  });
});

describe('agreement as CSV', () => {
  it('has a row per label and one for all, empty where nothing is defined, safe in a spreadsheet', () => {
    const [case1] = [agreementOf(scored(Uint8Array.of(0, 1, 1, 0), Uint8Array.of(0, 1, 0, 0), 2))];
    const text = agreementCsv([
      { ...case1, id: 'a,"b"', labels: case1.labels.map((label, n) => (n === 0 ? { ...label, name: '=1+1' } : label)) },
    ]);
    const lines = text.split('\r\n');
    expect(lines[0]).toBe(
      'case,label_value,label,dice,hd95_mm,surface_dice,kappa,first_voxels,second_voxels,both_voxels,first_ml,second_ml',
    );
    expect(lines[1]).toMatch(/^"a,""b""",1,'=1\+1,0\.666666667,/);
    expect(lines[1]).toMatch(/,2,1,1,0\.004,0\.002$/);
    expect(lines[2]).toBe('"a,""b""",2,label 2,,,,,0,0,0,0,0');
    expect(lines[3]).toBe('"a,""b""",,all,0.666666667,,,0.5,,,,,');
    expect(lines).toHaveLength(5);
  });
});
