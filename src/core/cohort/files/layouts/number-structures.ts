import type { Structure } from '../case.ts';
import type { CohortCase } from './cohort-layout.ts';

/**
 * Gives every structure of a cohort one value: the one that the cohort's labels have for its name, else one above all
 * of theirs, in order of name. A value that means something to the cohort is never given to another name, not even
 * where no mask has that name (any more): the masks of a case that was saved here no longer count.
 *
 * @param labels the labels of the cohort's record, which keeps values as they are when cases with other structures are
 * added, and what its `dataset.json` says of other values; of two with one name the first counts
 */
export function numberStructures(
  cases: readonly CohortCase[],
  labels: readonly { readonly value: number; readonly name: string }[],
): { readonly cases: readonly CohortCase[]; readonly structures: readonly Structure[] } {
  const names = new Set(cases.flatMap(({ files }) => (files.masks ?? []).map(({ structure }) => structure)));
  if (names.size === 0) return { cases, structures: [] };
  const known = new Map([...labels].reverse().map(({ value, name }) => [name.toLowerCase(), value]));
  let highest = labels.reduce((most, { value }) => Math.max(most, value), 0);
  const structures = [...names].sort().map((structure): Structure => {
    const value = known.get(structure.toLowerCase()) ?? ++highest;
    return { structure, value };
  });
  const values = new Map(structures.map(({ structure, value }) => [structure, value]));
  const numbered = cases.map((found): CohortCase => {
    const { masks } = found.files;
    if (!masks) return found;
    const valued = masks.map((mask) => ({ ...mask, value: values.get(mask.structure) ?? 0 }));
    return { ...found, files: { ...found.files, masks: valued.sort((a, b) => a.value - b.value) } };
  });
  return { cases: numbered, structures: [...structures].sort((a, b) => a.value - b.value) };
}
