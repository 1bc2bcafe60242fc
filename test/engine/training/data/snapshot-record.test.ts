import * as v from 'valibot';
import { expect, it } from 'vitest';
import { runRecord } from '../../../../src/engine/checkpoints/run-record.ts';
import { snapshotRecord } from '../../../../src/engine/training/data/snapshot-record.ts';
import { TrainingSnapshot } from '../../../../src/engine/training/data/training-snapshot.ts';
import { CohortStore } from '../../../../src/node/cohort/state/cohort-store.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

const channel = { file: 'imagesTr/a.nii', bytes: 1, modifiedMs: 1, fingerprint: null };
const found = {
  id: 'a',
  timeIndex: 0,
  channels: [channel],
  labels: 'labelsTr/a.nii',
  labelsFingerprint: '',
  reviewAxis: null,
  slices: null,
  accepted: 'all',
  complete: true,
  reviewed: false,
};
const recordWith = (changed: object) => ({
  format: 'voxel-loop-training-snapshot',
  formatVersion: 1,
  ignoredValue: null,
  cases: [{ ...found, ...changed }],
});
const isRead = (changed: object) => v.is(snapshotRecord, recordWith(changed));

it('a snapshot names files of its cohort alone, whoever wrote it', () => {
  expect(isRead({})).toBe(true);
  for (const file of ['../x.nii', 'imagesTr/../../x.nii', '/etc/passwd', '..']) {
    expect(isRead({ channels: [{ ...channel, file }] }), file).toBe(false);
    expect(isRead({ labels: file }), file).toBe(false);
  }
  for (const id of ['../a', '..', '', 'a/b']) expect(isRead({ id }), id).toBe(false);
});

it('a checkpoint names a run whose snapshot lies beside it, and nothing else', () => {
  const { snapshot } = runRecord.entries;
  expect(v.is(snapshot, 'cafe0001')).toBe(true);
  for (const run of ['..', '../../..', '', '/etc', 'cafe0001/..']) {
    expect(v.is(snapshot, run), run).toBe(false);
    // Also who forgot to look.
    if (run !== '')
      expect(() => new TrainingSnapshot(new CohortStore(temporaryFolder()), run)).toThrow(/leads elsewhere/);
  }
});
