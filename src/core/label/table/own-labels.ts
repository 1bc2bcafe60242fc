import type { LabelEntry, LabelTable } from './label-table.ts';

/** A change of a label's name or colour is for all cases of the cohort, or for this one alone. */
export type LabelScope = 'cohort' | 'case';

/** A case's table, taken apart. */
export interface SharedTable {
  /** The cohort's table becomes this. */
  readonly cohort: LabelTable;
  /** Labels that this case names or colours otherwise than its cohort. */
  readonly own: readonly LabelEntry[];
}

/**
 * Decides what of a case's table becomes the cohort's when the case is saved, and what stays its own. A label that the
 * cohort lacks is new to it. One that the case has as it was read follows the cohort, which may have changed meanwhile.
 *
 * @param known the cohort's table as it is now
 * @param before the case's table as it was read or saved last, and which values it had for itself
 * @param scopeOf of the changes that were made since
 */
export function shareTable(
  table: LabelTable,
  known: LabelTable,
  before: { readonly table: LabelTable; readonly own: readonly LabelEntry[] },
  scopeOf: (value: number) => LabelScope,
): SharedTable {
  const shared = new Map(known.map((entry) => [entry.value, entry]));
  const own: LabelEntry[] = [];
  for (const entry of table) {
    const theirs = shared.get(entry.value);
    if (!theirs) {
      shared.set(entry.value, entry);
      continue;
    }
    if (sameLabel(theirs, entry)) continue;
    const wasOwn = before.own.some(({ value }) => value === entry.value);
    const isUnchanged = before.table.some((each) => each.value === entry.value && sameLabel(each, entry));
    if (isUnchanged && !wasOwn) continue;
    if (!isUnchanged && scopeOf(entry.value) === 'cohort') shared.set(entry.value, entry);
    else own.push(entry);
  }
  return { cohort: [...shared.values()], own };
}

/** Puts a case's own names and colours into a table; values that it lacks are left out. */
export function withOwnLabels(table: LabelTable, own: readonly LabelEntry[]): LabelTable {
  if (own.length === 0) return table;
  const byValue = new Map(own.map((entry) => [entry.value, entry]));
  return table.map((entry) => byValue.get(entry.value) ?? entry);
}

/**
 * Returns the cohort's value for what a case calls by a name of its own: that of the label of that name. It is null
 * where the cohort has none. A value that the case does not name itself means what it means to the cohort.
 */
export function cohortValue(value: number, own: readonly LabelEntry[], cohort: LabelTable): number | null {
  const name = own.find((entry) => entry.value === value)?.name;
  if (name === undefined) return value;
  const sameName = (entry: LabelEntry) => entry.name.toLowerCase() === name.toLowerCase();
  const there = cohort.find((entry) => entry.value === value);
  // Another colour is no other meaning.
  if (there && sameName(there)) return value;
  return cohort.find(sameName)?.value ?? null;
}

function sameLabel(a: LabelEntry, b: LabelEntry): boolean {
  return a.name === b.name && a.color === b.color;
}
