import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseDsegTsv } from '../../../../src/core/label/table/dseg-tsv.ts';
import { isItkSnapLabels, parseItkSnapLabels } from '../../../../src/core/label/table/itk-snap-labels.ts';
import { labelColor } from '../../../../src/core/label/table/label-colors.ts';
import { BACKGROUND } from '../../../../src/core/label/table/label-table.ts';

/** `bids_dseg.tsv`: the example of the BIDS specification. `itk-snap.txt`: the header and columns that ITK-SNAP writes. */
const golden = (name: string) =>
  readFileSync(join(import.meta.dirname, '../../../golden/label-files', name), 'utf8').replaceAll('\r\n', '\n');

describe('the label table of BIDS segmentations', () => {
  it('is read with names and colours', () => {
    expect(parseDsegTsv(golden('bids_dseg.tsv'), 'x_dseg.tsv')).toEqual([
      BACKGROUND,
      { value: 100, name: 'Gray Matter', color: '#ff53bb' },
      { value: 101, name: 'White Matter', color: '#2f8bbe' },
      { value: 102, name: 'Brainstem', color: '#36de72' },
    ]);
  });

  it('is read with columns in any order, colours missing, Windows line ends and a background', () => {
    expect(parseDsegTsv('\uFEFFname\tindex\r\ntumour\t2\r\nliver\t1\r\nbackground\t0\r\n\r\n', 'dseg.tsv')).toEqual([
      BACKGROUND,
      { value: 1, name: 'liver', color: labelColor(2) },
      { value: 2, name: 'tumour', color: labelColor(1) },
    ]);
  });

  it('is refused in one sentence where it is none', () => {
    expect(() => parseDsegTsv('a,b\n1,2\n', 'dseg.tsv')).toThrow('dseg.tsv has no columns "index" and "name"');
    expect(() => parseDsegTsv('index\tname\n1.5\tx\n', 'dseg.tsv')).toThrow('Line 2 of dseg.tsv');
    expect(() => parseDsegTsv('index\tname\n1\tx\n1\ty\n', 'dseg.tsv')).toThrow('the same value 1');
  });
});

describe('ITK-SNAP label descriptions', () => {
  it('are read with names and colours', () => {
    const text = golden('itk-snap.txt');
    expect(isItkSnapLabels(text)).toBe(true);
    expect(parseItkSnapLabels(text, 'labels.txt')).toEqual([
      BACKGROUND,
      { value: 1, name: 'Label 1', color: '#ff0000' },
      { value: 2, name: 'Left hippocampus', color: '#00ff00' },
      { value: 4, name: 'Tumour, enhancing core', color: '#ffff00' },
      { value: 7, name: 'label 7', color: '#cd853f' },
    ]);
  });

  it('are told from other texts, and refused where they are damaged', () => {
    expect(isItkSnapLabels('# notes\nPatient 1 was scanned twice.\n')).toBe(false);
    expect(isItkSnapLabels('# only a comment\n')).toBe(false);
    expect(() => parseItkSnapLabels('1 300 0 0 1 1 1 "x"\n', 'labels.txt')).toThrow('Line 1 of labels.txt');
  });
});
