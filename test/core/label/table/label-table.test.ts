import { describe, expect, it } from 'vitest';
import { relabelForCase } from '../../../../src/core/case/document/relabel-proposal.ts';
import { LabelMap } from '../../../../src/core/label/label-map.ts';
import { parseDsegTsv } from '../../../../src/core/label/table/dseg-tsv.ts';
import { labelColor } from '../../../../src/core/label/table/label-colors.ts';
import {
  addLabel,
  BACKGROUND,
  changeLabel,
  checkLabelTable,
  DEFAULT_LABEL_TABLE,
  LabelTableError,
  labelTableFrom,
  sameLabelTable,
} from '../../../../src/core/label/table/label-table.ts';
import { fileValues, inOrderOfValues, LabelValueReader } from '../../../../src/core/label/table/label-values.ts';

describe('a new label in a cohort', () => {
  const table = labelTableFrom([{ value: 1, name: 'liver' }]);
  const others = [...labelTableFrom([{ value: 2, name: 'Tumour' }]), { value: 3, name: 'vessel', color: '#56b4e9' }];

  it('is the one that another case calls so', () => {
    expect(addLabel(table, ' tumour', others)).toEqual([...table, others[1]]);
  });

  it('never takes a value or a colour that means something else there', () => {
    const added = addLabel(table, 'cyst', others)[2];
    expect(added).toMatchObject({ name: 'cyst', value: 4 });
    expect([...table, ...others].map(({ color }) => color)).not.toContain(added.color);
  });
});

describe('the colours of a case', () => {
  it('are not given twice to labels that come from a file, a proposal, a table of another program or an order of values', () => {
    // Somebody has chosen what would be the colours of the next labels.
    const table = [
      ...labelTableFrom([{ value: 1, name: 'liver' }]),
      ...[2, 3].map((index) => ({
        value: index + 8,
        name: `own ${index}`,
        color: labelColor(index + 2).toUpperCase(),
      })),
    ];
    const ofFile = new LabelValueReader(table);
    for (const value of [20, 21, 22]) ofFile.toIndex(value);
    const map = new LabelMap([2, 1, 1]);
    map.fill(0, 1, 1);
    const model = labelTableFrom([{ value: 30, name: 'tumour' }]);
    const given = `index\tname\tcolor\n1\ta\t\n2\tb\t${labelColor(3)}\n3\tc\t\n4\td\t\n`;
    for (const labels of [
      ofFile.table,
      relabelForCase(map, model, table).table,
      inOrderOfValues(table, [0, 50, 51, 1, 52]),
      parseDsegTsv(given, 'x.tsv'),
    ]) {
      const colors = labels.map(({ color }) => color.toLowerCase());
      expect(new Set(colors).size, colors.join()).toBe(colors.length);
    }
  });
});

describe('label table', () => {
  it('comes from the names of a cohort, by ascending value, background first', () => {
    const table = labelTableFrom([
      { value: 5, name: ' tumour ' },
      { value: 0, name: 'nothing' },
      { value: -2, name: '' },
    ]);
    expect(table.map(({ value, name }) => [value, name])).toEqual([
      [0, 'background'],
      [-2, 'label -2'],
      [5, 'tumour'],
    ]);
    expect(labelTableFrom([])).toEqual([BACKGROUND]);
    checkLabelTable(DEFAULT_LABEL_TABLE);
  });

  it('grows at the end, with the lowest free value and a colour that is free', () => {
    let table = labelTableFrom([{ value: 2, name: 'b' }]);
    table = changeLabel(table, 1, { value: 2, name: 'b', color: labelColor(2) });
    for (let n = 0; n < 30; n++) table = addLabel(table, `new ${n}`);
    expect(table.slice(2, 5).map(({ value }) => value)).toEqual([1, 3, 4]);
    expect(new Set(table.map(({ color }) => color)).size).toBe(table.length);
  });

  it('lets entries change, but never into a table that cannot be', () => {
    const table = labelTableFrom([
      { value: 1, name: 'a' },
      { value: 2, name: 'b' },
    ]);
    const entry = table[1];
    expect(changeLabel(table, 1, { ...entry })).toBe(table);
    const changed = changeLabel(table, 1, { value: -9, name: ' liver ', color: '#ABCDEF' });
    expect(changed[1]).toEqual({ value: -9, name: 'liver', color: '#abcdef' });
    expect(changed[2]).toBe(table[2]);
    expect(sameLabelTable(changed, table)).toBe(false);
    for (const bad of [
      { ...entry, value: 2 },
      { ...entry, value: 0 },
      { ...entry, value: 1.5 },
      { ...entry, value: Number.NaN },
      { ...entry, name: ' ' },
      { ...entry, color: 'red' },
      { ...entry, color: '#12345g' },
    ]) {
      expect(() => changeLabel(table, 1, bad)).toThrow(LabelTableError);
    }
    expect(() => changeLabel(table, 0, entry)).toThrow(/background/);
    expect(() => changeLabel(table, 3, entry)).toThrow(/no label 3/);
    expect(() => addLabel(table, '')).toThrow(LabelTableError);
    expect(() => labelTableFrom([entry, entry])).toThrow(/same value 1/);
    const many = Array.from({ length: 65_536 }, (_, n) => ({ value: n + 1, name: 'x' }));
    expect(() => labelTableFrom(many)).toThrow(/65535 labels at most/);
    expect(labelTableFrom(many.slice(1)).length).toBe(65_536);
  });

  it('translates file values both ways and takes up values that it does not know', () => {
    const reader = new LabelValueReader(labelTableFrom([{ value: 4, name: 'liver' }]));
    expect([0, -0, 4, -3, 70_000, 4, -3].map((value) => reader.toIndex(value))).toEqual([0, 0, 1, 2, 3, 1, 2]);
    expect(fileValues(reader.table)).toEqual([0, 4, -3, 70_000]);
    expect(reader.table[3].name).toBe('label 70000');
    checkLabelTable(reader.table);
    for (const bad of [0.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => reader.toIndex(bad)).toThrow(/whole numbers/);
    }
    for (let value = 100_000; value < 100_000 + 65_532; value++) reader.toIndex(value);
    expect(() => reader.toIndex(-1)).toThrow(/more than 65535 labels/);
  });
});

type Rgb = readonly number[];
const linear = (hex: string): Rgb =>
  [1, 3, 5].map((at) => {
    const channel = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });

/** Complete colour blindness as linear RGB matrices: Machado, Oliveira and Fernandes, 2009, severity 1. */
const VISIONS: Readonly<Record<string, readonly Rgb[]>> = {
  normal: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};

function oklab(rgb: Rgb): Rgb {
  const [r, g, b] = rgb.map((channel) => Math.min(1, Math.max(0, channel)));
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

function distance(vision: readonly Rgb[], a: string, b: string): number {
  const [x, y] = [a, b].map((hex) => {
    const rgb = linear(hex);
    return oklab(vision.map((row) => row[0] * rgb[0] + row[1] * rgb[1] + row[2] * rgb[2]));
  });
  return Math.hypot(...x.map((value, n) => value - y[n]));
}

describe('label colours', () => {
  const first = Array.from({ length: 7 }, (_, n) => labelColor(n + 1));

  it.each(Object.keys(VISIONS))('tells the first seven apart: %s', (name) => {
    for (const [n, a] of first.entries()) {
      for (const b of first.slice(n + 1)) expect(distance(VISIONS[name], a, b), `${a} ${b}`).toBeGreaterThan(0.05);
    }
  });

  it('are no greys, and all differ', () => {
    const colors = Array.from({ length: 300 }, (_, n) => labelColor(n + 1));
    for (const color of colors) {
      expect(color).toMatch(/^#[0-9a-f]{6}$/);
      const [, a, b] = oklab(linear(color));
      expect(Math.hypot(a, b), color).toBeGreaterThan(0.05);
    }
    expect(new Set(colors).size).toBe(colors.length);
  });
});
