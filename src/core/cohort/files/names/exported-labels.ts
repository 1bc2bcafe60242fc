import { stemOf, stemOfExported } from './file-names.ts';
import { nameOf } from './listing-paths.ts';
import { ownedBy } from './owned-images.ts';

/**
 * Finds label maps that somebody has exported from an image of the cohort. They may hold one slice of many, or what was
 * drawn on another image of that name: as the case's labels they would count as finished. A file with a label map
 * beside it is an image that is called so, because no label map has one.
 */
export function exportedLabels(volumes: readonly string[]): ReadonlySet<string> {
  const named = volumes.filter((path) => stemOfExported(stemOf(nameOf(path))) !== null);
  if (named.length === 0) return new Set();
  const stems = new Set(volumes.map((path) => stemOf(nameOf(path))));
  const isLabelled = ownedBy(volumes);
  return new Set(named.filter((path) => stems.has(stemOfExported(stemOf(nameOf(path))) ?? '') && !isLabelled(path)));
}

/** An image may have such a name as well: who calls one so must learn why it is no case. */
export function exportedSentences(paths: readonly string[]): string[] {
  if (paths.length === 0) return [];
  const [first] = paths;
  const image = stemOfExported(stemOf(nameOf(first)));
  const more = paths.length > 1 ? ` and ${paths.length - 1} more` : '';
  return [
    `${first}${more} ${paths.length > 1 ? 'are taken for exported label maps' : 'is taken for an exported label map'}, because there is an image called ${image}: rename the file if it is an image itself.`,
  ];
}
