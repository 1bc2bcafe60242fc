import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BACKGROUND, type LabelEntry } from '../../../../src/core/label/table/label-table.ts';
import {
  cohortValue,
  type LabelScope,
  shareTable,
  withOwnLabels,
} from '../../../../src/core/label/table/own-labels.ts';

const label = (value: number, name: string, color = '#aa0000'): LabelEntry => ({ value, name, color });
const spleen = label(1, 'spleen');
const liver = label(1, 'liver');
const cohort = [BACKGROUND, spleen, label(2, 'kidney')];
const as = (scope: LabelScope) => () => scope;
const never = (): LabelScope => {
  throw new Error('Nothing was changed.');
};

describe('the table of a case when it is saved', () => {
  it('does not rename what other cases have, unless that was agreed', () => {
    const before = { table: cohort, own: [] };
    const table = [BACKGROUND, liver, cohort[2]];
    expect(shareTable(table, cohort, before, as('case'))).toEqual({ cohort, own: [liver] });
    expect(shareTable(table, cohort, before, as('cohort'))).toEqual({
      cohort: [BACKGROUND, liver, cohort[2]],
      own: [],
    });
  });

  it('follows the cohort where it was not touched, whatever the cohort has become', () => {
    const before = { table: [BACKGROUND, label(1, 'label 1')], own: [] };
    expect(shareTable(before.table, cohort, before, never)).toEqual({ cohort, own: [] });
  });

  it('gives the cohort the labels that it lacks', () => {
    const lesion = label(7, 'lesion');
    const before = { table: cohort, own: [] };
    expect(shareTable([...cohort, lesion], cohort, before, never)).toEqual({ cohort: [...cohort, lesion], own: [] });
  });

  it('keeps its own names until they are changed, and has none left where they are those of the cohort', () => {
    const before = { table: [BACKGROUND, liver, cohort[2]], own: [liver] };
    expect(shareTable(before.table, cohort, before, never)).toEqual({ cohort, own: [liver] });
    expect(shareTable(cohort, cohort, before, never)).toEqual({ cohort, own: [] });
    const lobe = label(1, 'left lobe');
    expect(shareTable([BACKGROUND, lobe, cohort[2]], cohort, before, as('case')).own).toEqual([lobe]);
  });

  it('comes back as it was: what is read with the own labels is what was saved', () => {
    const entry = fc.record({
      value: fc.integer({ min: 1, max: 5 }),
      name: fc.constantFrom('a', 'b', 'c'),
      color: fc.constantFrom('#aa0000', '#00aa00'),
    });
    const entries = fc
      .uniqueArray(entry, { selector: ({ value }) => value, maxLength: 5 })
      .map((each) => [BACKGROUND, ...each]);
    fc.assert(
      fc.property(
        entries,
        entries,
        entries,
        fc.constantFrom<LabelScope>('case', 'cohort'),
        (table, known, base, scope) => {
          const shared = shareTable(table, known, { table: base, own: [] }, as(scope));
          const read = withOwnLabels(shared.cohort, shared.own);
          for (const each of table) {
            const isUntouched = base.some(
              (b) => b.value === each.value && b.name === each.name && b.color === each.color,
            );
            const there = known.find(({ value }) => value === each.value);
            const expected = isUntouched && there ? there : each;
            expect(read.find(({ value }) => value === each.value)).toEqual(expected);
          }
          // With nothing agreed, nobody else's label changes.
          if (scope === 'case') expect(shared.cohort.slice(0, known.length)).toEqual(known);
        },
      ),
    );
  });
});

describe('what a case means by a value', () => {
  it('is the label of that name, whatever its value and case; null where the cohort has none', () => {
    expect(cohortValue(1, [], cohort)).toBe(1);
    expect(cohortValue(1, [label(1, 'Kidney')], cohort)).toBe(2);
    expect(cohortValue(1, [label(1, 'SPLEEN', '#00ff00')], cohort)).toBe(1);
    expect(cohortValue(1, [liver], cohort)).toBeNull();
    expect(cohortValue(2, [liver], cohort)).toBe(2);
  });
});
