import { VoxelLoopError } from '../../errors.ts';
import { MAX_LABEL } from '../label-edit.ts';
import { freeLabelColor, labelColor } from './label-colors.ts';

/** One label of a case: `value` is what label files hold, the array index in the table is what our label maps hold. */
export interface LabelEntry {
  /** The value in label files. It may be any integer; 0 is background and nothing else. */
  readonly value: number;
  readonly name: string;
  /** `#rrggbb`. */
  readonly color: string;
}

/** The dense labels of a case: index 0 is always background (value 0). There are at most 65,536 entries. */
export type LabelTable = readonly LabelEntry[];

/** A label table, or a change of one, cannot be: two labels have one value, a colour is none, and the like. */
export class LabelTableError extends VoxelLoopError {
  readonly code = 'label-table';
}

export const BACKGROUND: LabelEntry = { value: 0, name: 'background', color: '#000000' };

/** A case that nobody has said anything about starts with background and one label to draw with. */
export const DEFAULT_LABEL_TABLE: LabelTable = [BACKGROUND, { value: 1, name: 'label 1', color: labelColor(1) }];

/**
 * Makes the table of a cohort from the labels that its description names.
 * @param labels values with names, background left out or not; they are sorted by value here
 * @throws LabelTableError for a value that comes twice or is no integer, or too many labels
 */
export function labelTableFrom(labels: Iterable<{ readonly value: number; readonly name: string }>): LabelTable {
  const named = [...labels].filter(({ value }) => value !== 0).sort((a, b) => a.value - b.value);
  const table = [
    BACKGROUND,
    ...named.map(({ value, name }, n) => ({
      value,
      name: name.trim() === '' ? `label ${value}` : name.trim(),
      color: labelColor(n + 1),
    })),
  ];
  checkLabelTable(table);
  return table;
}

/**
 * Adds labels of another table behind those of this one. Where a label that comes has the colour of one that is there,
 * it gets another: two structures of one colour cannot be told apart.
 */
export function withMoreLabels(table: LabelTable, more: readonly LabelEntry[]): LabelTable {
  const after = [...table];
  const colors = colorsOf(table);
  for (const entry of more) {
    const wanted = entry.color.toLowerCase();
    const color = colors.has(wanted) ? freeLabelColor(after.length, colors) : wanted;
    colors.add(color);
    after.push(color === wanted ? entry : { ...entry, color });
  }
  return after;
}

/** Returns the colours of a table's labels, in lower case. */
export function colorsOf(table: readonly LabelEntry[]): Set<string> {
  return new Set(table.map(({ color }) => color.toLowerCase()));
}

/**
 * Adds one more label: it gets the lowest free positive value and the next colour.
 * @param others labels of other cases of the cohort: one of that name is taken over with its value and colour, and
 * their values are not free (one value must not mean two things in a cohort)
 * @throws LabelTableError
 */
export function addLabel(table: LabelTable, name: string, others: readonly LabelEntry[] = []): LabelTable {
  const values = new Set(table.map((entry) => entry.value));
  for (const other of others) {
    if (other.name.toLowerCase() === name.trim().toLowerCase() && !values.has(other.value)) {
      const after = [...table, other];
      checkLabelTable(after);
      return after;
    }
  }
  for (const other of others) values.add(other.value);
  let value = 1;
  while (values.has(value)) value++;
  const color = freeLabelColor(table.length, colorsOf([...table, ...others]));
  const after = [...table, { value, name: name.trim(), color }];
  checkLabelTable(after);
  return after;
}

/**
 * Puts another entry at `label`; the table stays the same if nothing differs. Labels are never removed, so indices
 * stay.
 * @throws LabelTableError for background, an index that is not there, or an entry that does not fit the others
 */
export function changeLabel(table: LabelTable, label: number, entry: LabelEntry): LabelTable {
  if (label === 0) throw new LabelTableError('The background cannot be changed. Choose another label.');
  if (!table[label]) throw new LabelTableError(`There is no label ${label} to change. Choose another one.`);
  const changed = { value: entry.value, name: entry.name.trim(), color: entry.color.toLowerCase() };
  if (sameEntry(table[label], changed)) return table;
  const after = table.map((old, index) => (index === label ? changed : old));
  checkLabelTable(after);
  return after;
}

/** @throws LabelTableError naming the first thing that is wrong */
export function checkLabelTable(table: LabelTable): void {
  if (table[0]?.value !== 0) throw new LabelTableError('The first label must be the background, with value 0.');
  if (table.length > MAX_LABEL + 1) {
    throw new LabelTableError(
      `A case can have ${MAX_LABEL} labels at most, not ${table.length - 1}. Merge some first.`,
    );
  }
  const values = new Map<number, LabelEntry>();
  for (const entry of table) {
    if (!Number.isSafeInteger(entry.value)) {
      throw new LabelTableError(`The label "${entry.name}" needs a whole number as its value, not ${entry.value}.`);
    }
    const other = values.get(entry.value);
    if (other) {
      throw new LabelTableError(
        `The labels "${other.name}" and "${entry.name}" have the same value ${entry.value}. Give one of them another.`,
      );
    }
    values.set(entry.value, entry);
    if (entry.name.trim() === '') throw new LabelTableError(`The label of value ${entry.value} needs a name.`);
    if (!/^#[0-9a-f]{6}$/i.test(entry.color)) {
      throw new LabelTableError(`"${entry.color}" is not a colour. Write it like #ff8800.`);
    }
  }
}

export function sameLabelTable(a: LabelTable, b: LabelTable): boolean {
  return a === b || (a.length === b.length && a.every((entry, index) => sameEntry(entry, b[index])));
}

function sameEntry(a: LabelEntry, b: LabelEntry): boolean {
  return a.value === b.value && a.name === b.name && a.color === b.color;
}
