import { stemOf } from './file-names.ts';

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

/** Finds paths by stem; where both `x.nii` and `x.nii.gz` are there, the compressed one is taken. */
export function byStem(paths: readonly string[], warnings: string[]): Map<string, string> {
  const result = new Map<string, string>();
  for (const path of paths) {
    const stem = stemOf(nameOf(path));
    if (result.has(stem)) warnings.push(`${stem} is there as .nii and as .nii.gz; the .nii.gz is used.`);
    result.set(stem, path);
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
