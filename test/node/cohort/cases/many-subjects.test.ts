import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { findCase, listCohort } from '../../../../src/node/cohort/cases/cohort-folder.ts';
import { findCohortRoot } from '../../../../src/node/cohort/state/cohort-root.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

const looks = vi.hoisted(() => ({ count: 0 }));

vi.mock('node:fs/promises', async (original) => {
  const files = await original<typeof import('node:fs/promises')>();
  const readdir = ((...[path, options]: Parameters<typeof files.readdir>) => {
    looks.count++;
    return files.readdir(path, options);
  }) as typeof files.readdir;
  return { ...files, readdir };
});

function write(path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, '');
}

// Opening one file took 10,000 looks into folders, one after the other.
it('opening a file looks into as many folders among 900 subjects that are no BIDS as among 90', async () => {
  const counts: number[] = [];
  for (const subjects of [90, 900]) {
    const root = temporaryFolder();
    for (let n = 100; n < 100 + subjects; n++) {
      write(join(root, `sub-${n}/scans/scan.nii`));
      write(join(root, `sub-${n}/notes.txt`));
    }
    looks.count = 0;
    const found = await findCase(join(root, 'sub-140/scans/scan.nii'), root);
    expect(found).toMatchObject({ kind: 'image', root });
    counts.push(looks.count);
  }
  expect(counts[1]).toBe(counts[0]);
});

it('a data set of many subjects without a description is BIDS, whichever file is opened', async () => {
  const root = temporaryFolder();
  for (let n = 100; n < 200; n++) if (n % 10 > 0) write(join(root, `sub-${n}/anat/sub-${n}_T1w.nii`));
  for (let n = 100; n < 200; n += 10) write(join(root, `sub-${n}/notes.txt`));
  expect((await listCohort(root)).layout).toMatchObject({ name: 'bids', cases: { length: 90 } });
  for (const n of [101, 155, 199])
    expect(await findCohortRoot(join(root, `sub-${n}/anat/sub-${n}_T1w.nii`))).toBe(root);
});
