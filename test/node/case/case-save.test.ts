import { existsSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { parseCaseRecord } from '../../../src/core/cohort/records/case-record.ts';
import { saveCase } from '../../../src/node/case/case-save.ts';
import { CohortStore } from '../../../src/node/cohort/state/cohort-store.ts';
import { fileFingerprint } from '../../../src/node/files/file-fingerprint.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

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
    { fingerprint: fileFingerprint, mayComplete: true, check: () => undefined, replaced: () => undefined },
  );
  await expect(save).rejects.toMatchObject({ code: 'file-access' });
  expect(existsSync(path)).toBe(false);
  expect(readdirSync(dirname(path))).toEqual([]);
});

it('waits for a save of the same case that runs, however long that takes and whatever the clock of the disk says', async () => {
  const folder = temporaryFolder();
  const labels = join(folder, 'a_seg.nii');
  const store = new CohortStore(folder);
  writeFileSync(labels, 'old');
  const cases = dirname(store.caseRecordPath('a'));
  const checked: string[] = [];
  const record = { version: 1, labelsFingerprint: null, reviewAxis: 'k', slices: [{ state: 'edited' }] } as const;
  const save = async (by: string, fingerprint: (path: string) => Promise<string>) => {
    const temporary = join(folder, `${by}.tmp`);
    writeFileSync(temporary, by);
    const fields = { ...record, slices: [...record.slices] };
    await saveCase(
      store,
      { id: 'a', labels },
      {
        labels: { temporary, target: labels, fingerprint: await fileFingerprint(temporary) },
        record: fields,
        recordBefore: fields,
        history: [],
      },
      {
        fingerprint,
        mayComplete: true,
        check: () => checked.push(`${by} finds ${readFileSync(labels, 'utf8')}`),
        replaced: () => undefined,
      },
    );
  };
  let goOn: () => void = () => undefined;
  const held = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  let isBegun: () => void = () => undefined;
  const begun = new Promise<void>((resolve) => {
    isBegun = resolve;
  });
  const first = save('first', async (path) => {
    isBegun();
    await held;
    return fileFingerprint(path);
  });
  await begun;
  const longAgo = new Date(Date.now() - 3_600_000);
  for (const name of readdirSync(cases)) utimesSync(join(cases, name), longAgo, longAgo);
  const second = save('second', fileFingerprint);
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(checked).toEqual([]);
  goOn();
  await Promise.all([first, second]);
  expect(checked).toEqual(['first finds old', 'second finds first']);
  expect(readFileSync(labels, 'utf8')).toBe('second');
  expect(parseCaseRecord(readFileSync(store.caseRecordPath('a'), 'utf8')).labelsFingerprint).toBe(
    await fileFingerprint(labels),
  );
  expect(readdirSync(cases)).toEqual(['a.json']);
});
