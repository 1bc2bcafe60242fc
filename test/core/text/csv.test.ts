import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sliceEffortCsv } from '../../../src/core/cohort/effort/effort-csv.ts';
import { agreementCsv } from '../../../src/core/metrics/agreement.ts';
import { csvText } from '../../../src/core/text/csv.ts';

const FORMULAS = ['=1+1', '+1', '-1+1', '@SUM(A1)', '\t=1', '\r=1', '\n=1', '=HYPERLINK("http://x","y"),1'];

describe('comma-separated values', () => {
  it('are read back as they were meant, whatever they hold', () => {
    const text = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r', '=', '-', '+', '@', '\t', ' ', 'ö') });
    fc.assert(
      fc.property(fc.array(fc.tuple(text, text, fc.double()), { maxLength: 8 }), (rows) => {
        const read = readCsv(csvText(rows));
        expect(read).toHaveLength(rows.length);
        for (const [index, [first, second, number]] of rows.entries()) {
          expect(read[index][0].replace(/^'(?=[=+\-@\t\r\n])/, '')).toBe(first);
          expect(read[index][1].replace(/^'(?=[=+\-@\t\r\n])/, '')).toBe(second);
          const back = read[index][2];
          if (Number.isFinite(number)) expect(Number(back)).toBeCloseTo(number, 9 - digitsBefore(number));
          else expect(back).toBe('');
        }
      }),
    );
  });

  it.each(FORMULAS)('never begin a cell like a formula: %j', (formula) => {
    const [[cell]] = readCsv(csvText([[formula]]));
    expect(cell).toBe(`'${formula}`);
  });

  it('leave numbers numbers: a negative one has no apostrophe, and a text that looks like one has', () => {
    expect(csvText([[-1.5, 0, -0.25, 1e21, Number.NaN, null, undefined, true, '-1.5']])).toBe(
      "-1.5,0,-0.25,1e+21,,,,true,'-1.5\r\n",
    );
  });

  it('are written by one writer in every export: names that begin like formulas are harmless in all of them', () => {
    const slice = { state: 'accepted', who: '=1+1', when: '2026-11-24T10:00:00.000Z', editedVoxels: 1 } as const;
    const record = { version: 1, labelsFingerprint: null, reviewAxis: 'k', slices: [slice] } as const;
    const effort = sliceEffortCsv(new Map([['@a', { ...record, slices: [slice] }]]));
    const agreement = agreementCsv([
      { id: '-b', labels: [], meanDice: null, kappa: null, differingVoxels: 0, voxels: 0 },
    ]);
    for (const [, first] of [readCsv(effort), readCsv(agreement)]) expect(first[0]).toMatch(/^'/);
    expect(readCsv(effort)[1]).toContain("'=1+1");
  });
});

function digitsBefore(value: number): number {
  return value === 0 ? 0 : Math.max(-300, Math.floor(Math.log10(Math.abs(value))) + 1);
}

/** RFC 4180, one character after the other. */
function readCsv(text: string): string[][] {
  const rows: string[][] = [[]];
  let cell = '';
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (quoted) {
      if (character !== '"') cell += character;
      else if (text[at + 1] === '"') cell += text[++at];
      else quoted = false;
    } else if (character === '"') quoted = true;
    else if (character === ',') {
      rows.at(-1)!.push(cell);
      cell = '';
    } else if (character === '\r' && text[at + 1] === '\n') {
      rows.at(-1)!.push(cell);
      cell = '';
      rows.push([]);
      at++;
    } else cell += character;
  }
  rows.pop();
  return rows;
}
