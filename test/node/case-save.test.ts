import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { saveCase } from '../../src/node/case-save.ts';
import { CohortStore } from '../../src/node/cohort-store.ts';
import { fileFingerprint } from '../../src/node/file-fingerprint.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

it('leaves no record of a first save whose label file could not be put in place', async () => {
  const folder = temporaryFolder();
  const labels = join(folder, 'a_seg.nii');
  const store = new CohortStore(folder);
  writeFileSync(labels, 'labels');
  const record = { version: 1, labelsFingerprint: null, reviewAxis: 'k', slices: [{ state: 'edited' }] } as const;
  const path = store.caseRecordPath('a');
  const save = saveCase(
    store,
    { id: 'a', labels },
    {
      // Somebody removed it, so that the renaming fails.
      labels: { temporary: join(folder, 'gone.tmp'), target: labels, fingerprint: 'sha256-new' },
      record: { ...record, slices: [...record.slices] },
      recordBefore: { ...record, slices: [...record.slices] },
      history: [],
    },
    { fingerprint: fileFingerprint, check: () => undefined, replaced: () => undefined },
  );
  await expect(save).rejects.toMatchObject({ code: 'file-access' });
  expect(existsSync(path)).toBe(false);
  expect(readdirSync(dirname(path))).toEqual([]);
});
