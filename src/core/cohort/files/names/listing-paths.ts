import { endingOf, endingRank, stemInLabelFolder, stemOf } from './file-names.ts';

export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

export function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

/** Compares by code unit, which is the same on every machine, whatever its language. */
export function compareNames(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/**
 * Finds paths by stem. Of `x.nii` and `x.nii.gz` the compressed one is taken, and `x.seg.nrrd` before `x.seg.nii.gz`,
 * because its ending says that it holds the labels of `x`.
 */
export function byStem(paths: readonly string[], warnings: string[]): Map<string, string> {
  const result = new Map<string, string>();
  const isSegmentation = (path: string) => stemInLabelFolder(nameOf(path)) !== stemOf(nameOf(path));
  const place = (path: string) => (isSegmentation(path) ? -1 : endingRank(path));
  for (const path of paths) {
    const stem = stemOf(nameOf(path));
    const other = result.get(stem);
    const isTaken = other === undefined || place(path) <= place(other);
    if (isTaken) result.set(stem, path);
    if (other === undefined) continue;
    const [used, unused] = (isTaken ? [path, other] : [other, path]).map(endingOf);
    warnings.push(`${stem} is there as ${unused} and as ${used}; the ${used} is used.`);
  }
  return result;
}

export function byFolder(paths: readonly string[]): Map<string, string[]> {
  const result = new Map<string, string[]>();
  for (const path of paths) {
    const folder = folderOf(path);
    const members = result.get(folder);
    if (members) members.push(path);
    else result.set(folder, [path]);
  }
  return result;
}
