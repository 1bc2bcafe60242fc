import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type CohortRecord,
  cohortRecord,
  newCohortRecord,
  parseRecord,
  stringifyRecord,
} from '../../../../src/core/cohort/records/cohort-record.ts';
import { BACKGROUND, labelTableFrom } from '../../../../src/core/label/table/label-table.ts';

const record = {
  ...newCohortRecord({ layout: 'msd', labels: labelTableFrom([{ value: 1, name: 'liver' }]) }),
  holdout: ['case_02', 'case_07'],
};

const liver = (color: string) => ({ value: 1, name: 'liver', color });
const withLabels = (labels: CohortRecord['labels']) => stringifyRecord(newCohortRecord({ layout: 'msd', labels }));

describe('records', () => {
  it('come back as they were written, with what a newer version added', () => {
    const extended = { ...record, note: { from: 'the future' } };
    expect(parseRecord(cohortRecord, stringifyRecord(extended), 'cohort.json')).toEqual(extended);
  });

  it('are written so that one change is one line', () => {
    expect(stringifyRecord(record)).toMatchInlineSnapshot(`
      "{
        "format": "voxel-loop-cohort",
        "formatVersion": 1,
        "layout": "msd",
        "labels": [
          {
            "value": 0,
            "name": "background",
            "color": "#000000"
          },
          {
            "value": 1,
            "name": "liver",
            "color": "#d55e00"
          }
        ],
        "holdoutSeed": 0,
        "holdout": [
          "case_02",
          "case_07"
        ],
        "seen": []
      }
      "
    `);
  });

  it('are JSON whatever they hold: NaN is null, what is undefined is left out', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        expect(JSON.parse(stringifyRecord(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
    expect(JSON.parse(stringifyRecord({ dice: [Number.NaN, 0.5], gone: undefined }))).toEqual({ dice: [null, 0.5] });
  });

  it.each([
    ['{', /not valid JSON/],
    ['{"format": "voxel-loop-cohort", "formatVersion": 2}', /newer Voxel Loop/],
    ['{"format": "something else"}', /damaged/],
    ['null', /damaged/],
  ])('refuses %s with one sentence', (text, message) => {
    expect(() => parseRecord(cohortRecord, text, 'cohort.json')).toThrow(message);
  });

  it.each([
    ['no background', [liver('#ff0000')], /^cohort.json cannot be used: The first label must be the background/],
    [
      'one value twice',
      [BACKGROUND, liver('#ff0000'), liver('#00ff00')],
      /same value 1\. .* Correct it, or restore it/,
    ],
    ['a colour that is none', [BACKGROUND, liver('url(https://x)')], /"url\(https:\/\/x\)" is not a colour/],
    [
      'too many',
      Array.from({ length: 65_537 }, (_, value) => ({ ...liver('#ff0000'), value })),
      /65535 labels at most/,
    ],
  ])('refuses labels with %s, and names the file and the next step', (_, labels, message) => {
    expect(() => parseRecord(cohortRecord, withLabels(labels), 'cohort.json')).toThrow(message);
  });

  it('takes a record whose labels are not decided yet', () => {
    expect(parseRecord(cohortRecord, withLabels([]), 'cohort.json').labels).toEqual([]);
  });
});
