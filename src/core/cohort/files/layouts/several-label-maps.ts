import type { CaseFiles } from '../case.ts';

/** A sentence names so many label maps that do not count. */
const NAMED = 3;

/**
 * Says which of several label maps of an image counts: "Case a has several label maps: a_seg.nii.gz counts,
 * a_mask.nii.gz does not."
 *
 * @param who "Case a", "This image"
 * @param counts paths: one label map, or masks of single structures that are one together
 * @param unused paths of the label maps that do not count; not empty
 */
export function severalLabelMaps(who: string, counts: readonly string[], unused: readonly string[]): string {
  const start = commonFolder([...counts, ...unused]).length;
  const shown = (path: string) => path.slice(start);
  const used =
    counts.length > 1
      ? `${shown(counts[0])} and ${counts.length - 1} more like it count`
      : `${shown(counts[0])} counts`;
  const names = unused.slice(0, NAMED).map(shown);
  if (unused.length > NAMED) names.push(`${unused.length - NAMED} more`);
  const others =
    names.length > 1 ? `${names.slice(0, -1).join(', ')} and ${names.at(-1)} do not` : `${names[0]} does not`;
  return `${who} has several label maps: ${used}, ${others}.`;
}

/** Says the same of a case. It is null where the case has no other label map than the one that counts. */
export function severalLabelMapsOf(who: string, { labels, masks, unusedLabels }: CaseFiles): string | null {
  if (!unusedLabels) return null;
  return severalLabelMaps(who, masks ? masks.map(({ path }) => path) : [labels], unusedLabels);
}

/** Finds the folder that all of these lie in, with the separator at its end; it is empty where there is none. */
function commonFolder(paths: readonly string[]): string {
  let folder = paths[0].slice(0, paths[0].search(/[^\\/]*$/));
  while (!paths.every((path) => path.startsWith(folder))) folder = folder.slice(0, folder.search(/[^\\/]*[\\/]$/));
  return folder;
}
