import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CaseToRank, rankSlices } from '../../../../src/core/cohort/review/review-queue.ts';

const share = fc.double({ min: 0, max: 1, noNaN: true });
const signals = fc.record({
  // Few values, so that ties are many.
  uncertainty: fc.constantFrom(0, 0.25, 0.5),
  disagreement: fc.option(fc.constantFrom(0, 0.25, 0.5)),
  distance: fc.option(share.map((value) => value * 4)),
  areaMm2: fc.option(fc.constantFrom(0, 10, 400)),
});
const oneCase = fc
  .array(fc.tuple(signals, fc.constantFrom('unreviewed', 'unreviewed', 'edited', 'accepted')), { maxLength: 6 })
  .map((slices) => ({ signals: slices.map(([of]) => of), review: slices.map(([, state]) => state) }));
const cohort = fc
  .array(oneCase, { maxLength: 5 })
  .map((cases) => cases.map((each, index) => ({ id: `case ${index}`, ...each }) as CaseToRank));

describe('rankSlices', () => {
  it('has every unreviewed slice once, worst first, whatever order the cases come in', () => {
    fc.assert(
      fc.property(cohort, fc.func(fc.integer()), (cases, shuffle) => {
        const ranked = rankSlices(cases);
        expect(ranked.map(({ caseId, slice }) => `${caseId}/${slice}`).sort()).toEqual(
          cases
            .flatMap(({ id, review }) =>
              (review ?? []).flatMap((state, slice) => (state === 'unreviewed' ? [`${id}/${slice}`] : [])),
            )
            .sort(),
        );
        ranked.slice(1).forEach(({ gain }, index) => {
          expect(gain).toBeLessThanOrEqual(ranked[index].gain);
        });
        const shuffled = [...cases].sort((a, b) => shuffle(a.id) - shuffle(b.id));
        expect(rankSlices(shuffled)).toEqual(ranked);
      }),
    );
  });
});
