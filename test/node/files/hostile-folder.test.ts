import { execFileSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { serializeCaseRecord } from '../../../src/core/cohort/records/case-record.ts';
import { serializeSaveJournal } from '../../../src/core/cohort/records/save-journal.ts';
import { finishInterruptedSave, saveCase } from '../../../src/node/case/case-save.ts';
import { lockPredictionQueue, writePredictionQueue } from '../../../src/node/cohort/proposals/prediction-queue-file.ts';
import { CohortStore } from '../../../src/node/cohort/state/cohort-store.ts';
import { fileFingerprint } from '../../../src/node/files/file-fingerprint.ts';
import { textFingerprint } from '../../../src/node/files/text-fingerprint.ts';
import { CohortOverviewReader } from '../../../src/node/overview/cohort-overview.ts';
import { contentsOf } from '../../support/folder-contents.ts';
import { temporaryFolder, writeTree } from '../../support/temporary-folder.ts';
import { shortVolume, tinyGrid } from '../../support/tiny-volume.ts';

/*
 * A folder as a clone, an archive or a share may bring it, made to reach what lies beside it. Each of these was, or is of the
 * kind of, an attack that worked.
 */

/** Windows lets administrators alone make symbolic links. */
const onPosix = process.platform === 'win32' ? () => undefined : it;

const recordOf = (labelsFingerprint: string | null, state: 'unreviewed' | 'accepted') =>
  serializeCaseRecord({ version: 1, labelsFingerprint, reviewAxis: 'k', slices: [{ state }] });

const RECORD = recordOf(null, 'unreviewed');

/** A home folder with files that are nobody's business, and a cohort in it. */
function home(files: Readonly<Record<string, string>> = {}) {
  const folder = realpathSync(temporaryFolder());
  writeTree(folder, { '.bashrc': '# mine\n', '.profile': '# known\n', 'documents/thesis.txt': 'precious', ...files });
  const root = join(folder, 'repo');
  writeTree(root, { 'a.nii': 'image', 'a_seg.nii': 'labels', '.voxel-loop/cases/a.json': RECORD });
  const at = (path: string) => join(root, path);
  const link = (target: string, path: string) => {
    mkdirSync(dirname(at(path)), { recursive: true });
    symlinkSync(target, at(path));
  };
  const mine = () =>
    ['.bashrc', '.profile', 'documents/thesis.txt'].map((path) => readFileSync(join(folder, path), 'utf8'));
  return { folder, at, link, mine, before: mine(), store: new CohortStore(root) };
}

/** The journal of a save of case `a` that put its label file in place. */
async function journal(
  labels: string,
  entry: { readonly replaces: string; readonly record?: string; readonly who?: string },
) {
  return serializeSaveJournal({
    labelsFingerprint: await fileFingerprint(labels),
    record: RECORD,
    history: [{ when: '2026-01-01T00:00:00.000Z', who: '$(touch PWNED)', what: 'edited', slices: [[0, 0]] }],
    ...entry,
  });
}

describe('a hostile folder', () => {
  const isOnlyRead = async (isLinked: boolean) => {
    const { at, link, mine, before, store } = home();
    // Volumes that can be read: what cannot is not looked at any further.
    for (const name of ['a.nii', 'a_seg.nii']) writeFileSync(at(name), shortVolume(tinyGrid([2, 2, 1]), [1, 0, 0, 1]));
    if (isLinked) link('../../../../.bashrc', '.voxel-loop/history/a/me.jsonl');
    const path = at('.voxel-loop/cases/a.saving.tmp');
    // As a save writes it: else the times of the files, which may be equal, would tell whether the labels were changed since.
    const record = recordOf(await fileFingerprint(at('a_seg.nii')), 'accepted');
    writeFileSync(path, await journal(at('a_seg.nii'), { replaces: textFingerprint(RECORD), record, who: 'me' }));
    const there = contentsOf(at('..'));
    const reader = new CohortOverviewReader(store);
    for (const { cases } of [await reader.read(), await reader.refresh([path, at('a_seg.nii')])]) {
      // It was read as what counts, and could have been completed.
      expect(cases.map(({ state }) => state)).toMatchObject([{ kind: 'accepted' }]);
    }
    expect(mine()).toEqual(before);
    expect(contentsOf(at('..'))).toBe(there);
  };
  it('is only read by who lists its cases: a journal completes nothing', () => isOnlyRead(false));
  onPosix('is only read by who lists its cases, also where the history leads out of it', () => isOnlyRead(true));

  onPosix('gets nothing appended to what its history leads to, also by who trusts it and opens the case', async () => {
    const { at, link, mine, before, store } = home();
    link('../../../../.bashrc', '.voxel-loop/history/a/me.jsonl');
    const path = at('.voxel-loop/cases/a.saving.tmp');
    writeFileSync(path, await journal(at('a_seg.nii'), { replaces: textFingerprint(RECORD), who: 'me' }));
    const finishing = finishInterruptedSave(store, { id: 'a', labels: at('a_seg.nii') });
    await expect(finishing).rejects.toMatchObject({ code: 'unsafe-path' });
    await expect(finishing).rejects.toThrow(
      /history\/a\/me\.jsonl is a link to .*\.bashrc.*put the file or folder itself/,
    );
    expect(mine()).toEqual(before);
  });

  onPosix('gets nothing written over what its record leads to', async () => {
    const { at, link, mine, before, store } = home();
    execFileSync('rm', [at('.voxel-loop/cases/a.json')]);
    link('../../../.profile', '.voxel-loop/cases/a.json');
    const path = at('.voxel-loop/cases/a.saving.tmp');
    writeFileSync(path, await journal(at('a_seg.nii'), { replaces: textFingerprint('# known\n') }));
    await expect(finishInterruptedSave(store, { id: 'a', labels: at('a_seg.nii') })).rejects.toMatchObject({
      code: 'unsafe-path',
    });
    expect(mine()).toEqual(before);
  });

  it('has no say by a journal whose record is no record', async () => {
    const { at, store } = home();
    const path = at('.voxel-loop/cases/a.saving.tmp');
    const entry = { replaces: textFingerprint(RECORD), record: 'echo arbitrary text of the attacker\n' };
    writeFileSync(path, await journal(at('a_seg.nii'), entry));
    expect(await finishInterruptedSave(store, { id: 'a', labels: at('a_seg.nii') })).toBe(false);
    expect(readFileSync(at('.voxel-loop/cases/a.json'), 'utf8')).toBe(RECORD);
    expect(existsSync(path)).toBe(false);
  });

  it('is not completed by a save while it is not trusted, and the save says why', async () => {
    const { at, store } = home();
    writeFileSync(
      at('.voxel-loop/cases/a.saving.tmp'),
      await journal(at('a_seg.nii'), { replaces: textFingerprint(RECORD) }),
    );
    writeFileSync(at('.new.tmp'), 'new labels');
    const record = JSON.parse(RECORD);
    const saving = saveCase(
      store,
      { id: 'a', labels: at('a_seg.nii') },
      {
        labels: { temporary: at('.new.tmp'), target: at('a_seg.nii'), fingerprint: 'sha256-new' },
        record,
        recordBefore: record,
        history: [],
      },
      { fingerprint: fileFingerprint, mayComplete: false, check: () => undefined, replaced: () => undefined },
    );
    await expect(saving).rejects.toThrow(/only in a folder that you trust/);
    expect(readFileSync(at('a_seg.nii'), 'utf8')).toBe('labels');
    expect(existsSync(at('.voxel-loop/history'))).toBe(false);
  });

  onPosix('cannot lead a save, a record, a model, a lock or a queue out of it by a linked folder', async () => {
    const writes: Readonly<Record<string, (store: CohortStore) => Promise<unknown>>> = {
      '.voxel-loop': (store) => store.prepare(),
      '.voxel-loop/cases': (store) => store.writeCaseRecord('a', RECORD),
      '.voxel-loop/reviewers': (store) => store.writeCaseRecord('a', RECORD, 'anna'),
      '.voxel-loop/reviewers/anna': (store) => store.writeCaseRecord('a', RECORD, 'anna'),
      '.voxel-loop/models': (store) => store.models.create(),
      '.voxel-loop/proposals': (store) => lockPredictionQueue(store),
      '.voxel-loop/training': (store) => store.discardInterruptedTraining(),
      '.voxel-loop/training/snapshot': (store) => store.discardInterruptedTraining(),
    };
    for (const [linked, write] of Object.entries(writes)) {
      const { folder, at, link, store } = home({
        'documents/last.checkpoint': 'mine',
        'documents/cafe0001/labels': 'mine',
        'documents/queue.json': 'mine',
      });
      execFileSync('rm', ['-rf', at(linked)]);
      link(join(folder, 'documents'), linked);
      const before = contentsOf(join(folder, 'documents'));
      await expect(write(store), linked).rejects.toMatchObject({ code: 'unsafe-path' });
      await writePredictionQueue(store, null).catch(() => undefined);
      expect(contentsOf(join(folder, 'documents')), linked).toBe(before);
      expect(lstatSync(at(linked)).isSymbolicLink()).toBe(true);
    }
  });

  onPosix('cannot lead a file out of it: cohort.json, active, a model card, the queue', async () => {
    const writes: Readonly<Record<string, (store: CohortStore) => Promise<unknown>>> = {
      '.voxel-loop/cohort.json': (store) => store.writeRecord(JSON.parse('{"format":"x"}')),
      '.voxel-loop/cases/a.json': (store) => store.writeCaseRecord('a', RECORD),
      '.voxel-loop/models/1/about.json': (store) => store.models.describe(1, { name: 'x' }),
      '.voxel-loop/training.lock': (store) => store.lockTraining(),
    };
    for (const [linked, write] of Object.entries(writes)) {
      const { folder, at, link, mine, before, store } = home();
      writeTree(at('.voxel-loop/models/1'), {});
      execFileSync('rm', ['-f', at(linked)]);
      link(join(folder, '.profile'), linked);
      await expect(write(store), linked).rejects.toBeInstanceOf(Error);
      expect(mine(), linked).toEqual(before);
    }
  });

  onPosix('cannot lead the lines of a training, a frozen or moved file or a proposal out of it by a link', async () => {
    const { at, link, mine, before, store } = home();
    const { files } = store;
    for (const name of [
      'training/run.jsonl',
      'training/snapshot/0123abcd/a',
      'proposals/a/p.proposal',
      'cases/b.json',
    ]) {
      link(at('../documents/thesis.txt'), `.voxel-loop/${name}`);
    }
    const state = (name: string) => at(`.voxel-loop/${name}`);
    const unsafe = { code: 'unsafe-path' };
    await expect(files.openLines(store.runJournalPath)).rejects.toMatchObject(unsafe);
    await expect(files.copyHere(at('a.nii'), state('training/snapshot/0123abcd/a'), 0)).rejects.toMatchObject(unsafe);
    await expect(files.linkHere(at('a.nii'), state('training/snapshot/0123abcd/a'))).rejects.toMatchObject(unsafe);
    await expect(files.moveTo(files, state('cases/a.json'), state('cases/b.json'))).rejects.toMatchObject(unsafe);
    const prepared = { temporary: at('a.nii'), target: state('proposals/a/p.proposal') };
    await expect(files.putIfFree(prepared)).rejects.toMatchObject(unsafe);
    expect(mine()).toEqual(before);
    expect(existsSync(state('cases/a.json'))).toBe(true);
  });

  it('cannot lead out of it by names: of cases, reviewers, proposals', () => {
    const { store } = home();
    for (const name of ['..', '.', '', '../x', 'a/b', '/etc/x', 'a\0b']) {
      expect(() => store.caseRecordPath(name), name).toThrow(/leads elsewhere/);
      expect(() => store.caseRecordPath('a', name), name).toThrow(/leads elsewhere/);
      expect(() => store.proposalsFolder(name), name).toThrow(/leads elsewhere/);
      expect(() => store.historyOf(name === '' ? '..' : name), name).toThrow(/leads elsewhere/);
    }
  });

  onPosix('is refused where a pipe lies in the place of a record', async () => {
    const { at, store } = home();
    execFileSync('rm', [at('.voxel-loop/cases/a.json')]);
    execFileSync('mkfifo', [at('.voxel-loop/cases/a.json')]);
    await expect(store.writeCaseRecord('a', RECORD)).rejects.toThrow(/device, a pipe or a socket/);
  });

  onPosix('loses only what is ours when an interrupted training is discarded', async () => {
    const { at, link, mine, before, folder, store } = home();
    writeTree(at('.voxel-loop/training'), {
      'last.checkpoint': 'x',
      'best.onnx': 'x',
      'kept-as': '1',
      'notes.txt': 'a person put this here',
      '.last.checkpoint.0123456789ab.tmp': 'x',
      'snapshot/cafe0001/labels/a.labels': 'x',
      'snapshot/own/y': 'x',
    });
    link(join(folder, 'documents'), '.voxel-loop/training/snapshot/cafe0002');
    await store.discardInterruptedTraining();
    expect(readdirSync(at('.voxel-loop/training'), { recursive: true }).sort()).toEqual([
      'notes.txt',
      'snapshot',
      'snapshot/own',
      'snapshot/own/y',
    ]);
    expect(mine()).toEqual(before);
  });
});
