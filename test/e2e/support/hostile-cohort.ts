import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serializeCaseRecord } from '../../../src/core/cohort/records/case-record.ts';
import { serializeSaveJournal } from '../../../src/core/cohort/records/save-journal.ts';
import { fileFingerprint } from '../../../src/node/files/file-fingerprint.ts';
import { textFingerprint } from '../../../src/node/files/text-fingerprint.ts';
import { ballCohort } from '../../support/ball-cohort.ts';

/** A cohort as a clone may bring it, made to reach what lies outside of it. */
export interface HostileCohort {
  /** To be opened: images, labels, and a `.voxel-loop` with links and journals. */
  readonly root: string;
  /** What it reaches for: somebody's own files. */
  readonly home: string;
  remove(): void;
}

/**
 * - `ball_0` has the journal of a save, and its history leads to somebody's `.bashrc`;
 * - `ball_1` has a journal, and its record is a link to somebody's `.profile`, whose content is known;
 * - `ball_2` has labels that are a link to a label file outside;
 * - `ball_3` has labels and nothing odd, `ball_4` no labels;
 * - the cache, the queue of predictions and an interrupted training lead outside or wait to go on.
 */
export async function hostileCohort(): Promise<HostileCohort> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'voxel-loop-hostile-')));
  const [root, home] = [join(folder, 'cohort'), join(folder, 'home')];
  for (const made of [root, join(home, 'scratch')]) mkdirSync(made, { recursive: true });
  const cohort = await ballCohort(5, 4, undefined, root);
  writeFileSync(join(home, '.bashrc'), '# my own\n');
  writeFileSync(join(home, '.profile'), '# known default\n');
  writeFileSync(join(home, 'scratch/results.csv'), 'precious');
  writeFileSync(join(home, 'outside.nii'), readFileSync(cohort.labels('ball_2')));
  rmSync(cohort.labels('ball_2'));
  symlinkSync(join(home, 'outside.nii'), cohort.labels('ball_2'));

  const state = (path: string) => join(root, '.voxel-loop', path);
  for (const made of ['cases', 'history/ball_0', 'proposals', 'training']) mkdirSync(state(made), { recursive: true });
  writeFileSync(state('.gitignore'), 'cache/\n');
  symlinkSync(join(home, 'scratch'), state('cache'));
  symlinkSync(join(home, 'scratch'), state('training/snapshot'));
  writeFileSync(state('training/last.checkpoint'), 'VLCP');
  symlinkSync(join(home, '.bashrc'), state('history/ball_0/me.jsonl'));
  symlinkSync(join(home, '.profile'), state('cases/ball_1.json'));
  const slices = Array.from({ length: 8 }, () => ({ state: 'accepted' as const }));
  const old = serializeCaseRecord({ version: 1, labelsFingerprint: null, reviewAxis: 'k', slices });
  writeFileSync(state('cases/ball_0.json'), old);
  for (const [id, present] of [
    ['ball_0', old],
    ['ball_1', '# known default\n'],
  ]) {
    const labelsFingerprint = await fileFingerprint(cohort.labels(id));
    const record = serializeCaseRecord({ version: 1, labelsFingerprint, reviewAxis: 'k', slices });
    const when = '2026-01-01T00:00:00.000Z';
    const history = [{ when, who: '$(touch PWNED)', what: 'edited' as const, slices: [[0, 0]] as [number, number][] }];
    writeFileSync(
      state(`cases/${id}.saving.tmp`),
      serializeSaveJournal({ labelsFingerprint, replaces: textFingerprint(present), record, who: 'me', history }),
    );
  }
  return { root, home, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
