import { endingOf, endingRank, isWritableName, stemInLabelFolder, stemOf, writtenName } from '../names/file-names.ts';
import { folderOf, nameOf } from '../names/listing-paths.ts';
import type { CohortCase, LayoutName } from './cohort-layout.ts';

/**
 * Takes one of several files that differ in their format alone: the one of the format that is written here, because it
 * was saved after the others were there.
 */
export function inOneFormat(paths: readonly string[]): {
  volumes: readonly string[];
  doubles: readonly [string, string][];
} {
  if (paths.every((path) => isWritableName(nameOf(path)))) return { volumes: paths, doubles: [] };
  const taken = new Map<string, string>();
  for (const path of paths) {
    // A segmentation says by its ending that it is a label map, and is no double of its image.
    const stem = stemOf(writtenPath(path));
    const other = taken.get(stem);
    if (other === undefined || endingRank(path) < endingRank(other)) taken.set(stem, path);
  }
  const doubles: [string, string][] = [];
  const volumes = paths.filter((path) => {
    const used = taken.get(stemOf(writtenPath(path))) ?? path;
    if (used === path || isWritableName(nameOf(path))) return true;
    doubles.push([path, used]);
    return false;
  });
  return { volumes, doubles };
}

/** Writes a sentence about doubles; of very many it names one. */
export function doubleSentences(doubles: readonly [string, string][]): string[] {
  if (doubles.length === 0) return [];
  const [[path, used]] = doubles;
  const more = doubles.length > 1 ? ` The same is true of ${doubles.length - 1} more.` : '';
  return [`${path} is not used, because ${nameOf(used)} lies beside it.${more}`];
}

/**
 * A label map of a format that is only read is what the case's own label file starts from.
 * @param layout in MSD cohorts label maps lie in a folder of their own, and are called as their images
 */
export function withWritableLabels(found: CohortCase, layout: LayoutName): CohortCase {
  const { labels } = found.files;
  const name = nameOf(labels);
  if (isWritableName(name)) return found;
  const asImage = `${folderOf(labels)}/${stemInLabelFolder(name)}${endingOf(name)}`;
  const files = { ...found.files, labels: writtenPath(layout === 'msd' ? asImage : labels) };
  const masks = [{ structure: '', value: 0, path: labels, isLabelMap: true } as const];
  return { ...found, files: found.labelled ? { ...files, masks } : files };
}

/** Label maps that give way to the case's own are told of where somebody looks at it. */
export function withDoubles(found: CohortCase, doubles: readonly [string, string][]): CohortCase {
  const own = doubles.flatMap(([path, used]) => (used === found.files.labels ? [path] : []));
  if (own.length === 0) return found;
  return { ...found, files: { ...found.files, unusedLabels: [...(found.files.unusedLabels ?? []), ...own] } };
}

/** `labels/x.nrrd` -> `labels/x.nii.gz`; as it is where it may be written. */
export function writtenPath(path: string): string {
  if (isWritableName(nameOf(path))) return path;
  const folder = folderOf(path);
  return folder === '' ? writtenName(path) : `${folder}/${writtenName(nameOf(path))}`;
}
