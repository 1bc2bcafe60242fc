import { describe, expect, it } from 'vitest';
import { expansionFor } from '../../../src/core/metrics/bootstrap.ts';
import { pairDice } from '../../../src/core/metrics/paired-dice.ts';

describe('pairDice', () => {
  it('pairs by case id, label by label, and leaves out what only one judged', () => {
    const pairs = pairDice(
      [
        { id: 'a', dice: [0.8, 0.6] },
        { id: 'b', dice: [0.5, 0.5] },
      ],
      [
        { id: 'c', dice: [1, 1] },
        { id: 'a', dice: [0.7, 0.9] },
      ],
    );
    expect(pairs.map(({ id }) => id)).toEqual(['a']);
    expect(pairs[0].difference).toBeCloseTo(-0.1);
    expect(pairs[0].labelDifferences[0]).toBeCloseTo(0.1);
  });

  it('counts what a model rightly did not invent as right', () => {
    const [pair] = pairDice([{ id: 'a', dice: [0.8, null] }], [{ id: 'a', dice: [0.8, 0] }]);
    expect(pair).toMatchObject({ dice: 0.9, otherDice: 0.4, labelDifferences: [0, 1] });
  });

  it('leaves out a case without any label in truth and predictions', () => {
    expect(pairDice([{ id: 'a', dice: [null] }], [{ id: 'a', dice: [null] }])).toEqual([]);
  });
});

describe('expansionFor', () => {
  // scipy.stats: sqrt(n / (n - 1)) * t.ppf(0.96, n - 1) / norm.ppf(0.96)
  it.each([
    [5, 1.4898],
    [10, 1.1877],
    [20, 1.0839],
    [52, 1.0303],
  ])('of %i cases is what Student says', (cases, expected) => {
    expect(expansionFor(cases)).toBeCloseTo(expected, 2);
  });
});
