import { MAX_LABEL } from '../label-edit.ts';
import { freeLabelColor } from './label-colors.ts';
import { colorsOf, type LabelTable, LabelTableError } from './label-table.ts';

/**
 * Translates between the values of label files and dense labels while a file is read. Values that the table does not
 * know become new labels at its end ("label 7"): a file's labels are never dropped.
 */
export class LabelValueReader {
  readonly #indices = new Map<number, number>();
  readonly #table: LabelTable[number][];
  readonly #colors: Set<string>;

  constructor(table: LabelTable) {
    this.#table = [...table];
    this.#colors = colorsOf(table);
    for (const [index, { value }] of table.entries()) this.#indices.set(value, index);
  }

  /**
   * Returns the dense label of a file value.
   * @throws LabelTableError for a value that is no integer, or when there are more values than a case can have labels
   */
  toIndex(value: number): number {
    const known = this.#indices.get(value);
    if (known !== undefined) return known;
    if (!Number.isSafeInteger(value)) {
      throw new LabelTableError(
        `A label file holds whole numbers, and this one holds ${value}: it is an image or a probability map.`,
      );
    }
    const index = this.#table.length;
    if (index > MAX_LABEL) {
      throw new LabelTableError(`This file has more than ${MAX_LABEL} labels: it is an image, not a label map.`);
    }
    const color = freeLabelColor(index, this.#colors);
    this.#colors.add(color);
    this.#table.push({ value, name: `label ${value}`, color });
    this.#indices.set(value, index);
    return index;
  }

  /** The table, with the labels that the file added. */
  get table(): LabelTable {
    return [...this.#table];
  }
}

/** Says whether the first labels of `table` have these file values. */
export function startsWithValues(table: LabelTable, values: readonly number[]): boolean {
  return values.every((value, label) => table[label]?.value === value);
}

/**
 * Puts the labels of `values` first, in that order; a value that the table lacks becomes a new label.
 * @param values background first
 */
export function inOrderOfValues(table: LabelTable, values: readonly number[]): LabelTable {
  const known = new Map(table.map((entry) => [entry.value, entry]));
  const colors = colorsOf(table);
  const newLabel = (value: number, label: number) => {
    const color = freeLabelColor(label, colors);
    colors.add(color);
    return { value, name: `label ${value}`, color };
  };
  const first = values.map((value, label) => known.get(value) ?? newLabel(value, label));
  const placed = new Set(values);
  return [...first, ...table.filter(({ value }) => !placed.has(value))];
}

/** Returns the file values by dense label. */
export function fileValues(table: LabelTable): number[] {
  return table.map((entry) => entry.value);
}
