import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ModelCard } from '../../../../src/core/cohort/records/cohort-record.ts';
import { compareCards } from '../../../../src/core/learn/training/compare-cards.ts';

type Scores = Readonly<Record<string, readonly (number | null)[]>>;

/** A card that was judged like this. @param values of its labels, in the order of the scores */
function card(version: number, scores: Scores | null, values: readonly number[] = [1, 2]): ModelCard {
  const labels = values.map((value) => ({ value, name: `label ${value}`, meanDice: null }));
  const cases = Object.entries(scores ?? {}).map(([id, dice]) => ({ id, dice: [...dice] }));
  const holdout = scores && { meanDice: null, labels, cases };
  return { version, labels: [], data: {}, metrics: { tune: null, holdout } } as unknown as ModelCard;
}

const scores = fc.dictionary(
  fc.constantFrom('a', 'b', 'c', 'd', 'e'),
  fc.tuple(
    fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
    fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
  ),
  { minKeys: 1, noNullPrototype: true },
);

function mean(values: readonly (number | null | undefined)[]): number | null {
  const defined = values.filter((value) => typeof value === 'number');
  return defined.length === 0 ? null : defined.reduce((sum, value) => sum + value, 0) / defined.length;
}

describe('comparing two versions by their cards', () => {
  it('looks at the cases of both alone, as a loop over them would', () => {
    fc.assert(
      fc.property(scores, scores, (ours, theirs) => {
        // A label that neither has does not count; one that only one of them has is worth 1 to the other, as in the gate.
        const pairs = Object.keys(ours)
          .filter((id) => id in theirs)
          .flatMap((id) => {
            const counted = [0, 1].filter((label) => ours[id][label] !== null || theirs[id][label] !== null);
            const side = (of: Scores) => mean(counted.map((label) => of[id][label] ?? 1));
            const [our, their] = [side(ours), side(theirs)];
            return our === null || their === null ? [] : [{ id, our, their }];
          });
        if (pairs.length === 0) {
          expect(() => compareCards(card(2, ours), card(1, theirs))).toThrow(/Models 2 and 1 were never judged/);
          return;
        }
        const compared = compareCards(card(2, ours), card(1, theirs));
        expect(compared).toMatchObject({ version: 2, other: 1, cases: pairs.length });
        const close = (actual: number | null, expected: number | null) =>
          expected === null ? expect(actual).toBeNull() : expect(actual).toBeCloseTo(expected, 12);
        close(compared.meanDice, mean(pairs.map(({ our }) => our)));
        close(compared.otherMeanDice, mean(pairs.map(({ their }) => their)));
        close(compared.difference, mean(pairs.map(({ our, their }) => our - their)));
        for (const label of [0, 1]) {
          close(compared.labels[label].dice, mean(pairs.map(({ id }) => ours[id][label])));
          close(compared.labels[label].otherDice, mean(pairs.map(({ id }) => theirs[id][label])));
        }
        expect(compared.byCase.map(({ id }) => id).sort()).toEqual(pairs.map(({ id }) => id).sort());
        for (let n = 1; n < compared.byCase.length; n++) {
          expect(compared.byCase[n].difference).toBeGreaterThanOrEqual(compared.byCase[n - 1].difference);
        }
        if (pairs.length < 5) expect(compared.interval).toBeNull();
        else {
          const [low, high] = compared.interval ?? [Number.NaN, Number.NaN];
          expect(low).toBeLessThanOrEqual(compared.difference + 1e-9);
          expect(high).toBeGreaterThanOrEqual(compared.difference - 1e-9);
        }
      }),
    );
  });

  it('takes labels for the same by value, whatever their order, and leaves out those of one version', () => {
    const compared = compareCards(card(2, { a: [0.9, 0.1] }, [1, 2]), card(1, { a: [0.3, 0.5] }, [3, 1]));
    expect(compared.labels).toEqual([{ name: 'label 1', dice: 0.9, otherDice: 0.5 }]);
    expect(compared.difference).toBeCloseTo(0.4, 12);
  });

  it('leaves out a label that one of the two has never learned: it was not judged', () => {
    const learnt = { ...card(2, { a: [0.8, 0.7], b: [0.6, 0.9] }), data: { learnt: [1, 2] } } as unknown as ModelCard;
    const never = { ...card(1, { a: [0.8, null], b: [0.6, null] }), data: { learnt: [1] } } as unknown as ModelCard;
    const { difference, labels } = compareCards(learnt, never);
    expect(difference).toBe(0);
    expect(labels).toEqual([{ name: 'label 1', dice: 0.7, otherDice: 0.7 }]);
  });

  it('says so where a version was not judged', () => {
    expect(() => compareCards(card(2, null), card(1, { a: [1, 1] }))).toThrow(/never judged/);
  });
});
