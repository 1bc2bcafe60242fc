import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/**
 * Makes a cohort in MSD layout of some cases of another one, by links: nothing is copied, and the other's state folder is
 * never written.
 */
export function linkCohort(
  from: string,
  to: string,
  { train, val }: { readonly train: readonly string[]; readonly val: readonly string[] },
): void {
  for (const folder of ['imagesTr', 'labelsTr']) {
    mkdirSync(path.join(to, folder), { recursive: true });
    const there = readdirSync(path.join(from, folder));
    for (const name of [...train, ...val].flatMap((id) => filesOf(id, there))) {
      symlinkSync(path.join(from, folder, name), path.join(to, folder, name));
    }
  }
  symlinkSync(path.join(from, 'dataset.json'), path.join(to, 'dataset.json'));
  writeFileSync(path.join(to, 'splits.json'), JSON.stringify({ train, val }));
}

/** The files of a case among `names`: one, or one for each channel (`case_0000.nii.gz`). */
export function filesOf(id: string, names: readonly string[]): string[] {
  return names.filter((name) => name.startsWith(id) && /^(_\d{4})?\.nii\.gz$/.test(name.slice(id.length))).sort();
}
