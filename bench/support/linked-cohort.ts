import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
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
    for (const id of [...train, ...val]) {
      symlinkSync(path.join(from, folder, `${id}.nii.gz`), path.join(to, folder, `${id}.nii.gz`));
    }
  }
  symlinkSync(path.join(from, 'dataset.json'), path.join(to, 'dataset.json'));
  writeFileSync(path.join(to, 'splits.json'), JSON.stringify({ train, val }));
}
