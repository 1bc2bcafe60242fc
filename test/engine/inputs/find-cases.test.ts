import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { serializeCaseRecord } from '../../../src/core/cohort/records/case-record.ts';
import { serializeSaveJournal } from '../../../src/core/cohort/records/save-journal.ts';
import { findTrainableCases } from '../../../src/engine/inputs/find-cases.ts';
import { listCohort } from '../../../src/node/cohort/cases/cohort-folder.ts';
import { CohortStore } from '../../../src/node/cohort/state/cohort-store.ts';
import { SAVE_JOURNAL_ENDING } from '../../../src/node/cohort/state/save-journal-file.ts';
import { fileFingerprint } from '../../../src/node/files/file-fingerprint.ts';
import { textFingerprint } from '../../../src/node/files/text-fingerprint.ts';
import { BALL_SHAPE, ballCohort } from '../../support/ball-cohort.ts';
import { temporaryFolder, writeTree } from '../../support/temporary-folder.ts';
import { shortVolume, tinyGrid } from '../../support/tiny-volume.ts';

/** A record of the label file as it is, with these slices accepted. */
async function recordOf(labels: string, accepted: readonly number[]): Promise<string> {
  return serializeCaseRecord({
    version: 1,
    labelsFingerprint: await fileFingerprint(labels),
    reviewAxis: 'k',
    slices: Array.from({ length: BALL_SHAPE[2] }, (_, k) => ({ state: accepted.includes(k) ? 'accepted' : 'edited' })),
  });
}

/** Finds the first case of a cohort of two; `onKept` happens when its labels were kept for the n-th time, from 1. */
async function findFirst(
  onKept: (times: number, kept: string, labels: string, store: CohortStore) => void | Promise<void>,
) {
  const { root, labels } = await ballCohort(2);
  const store = new CohortStore(root);
  await store.writeCaseRecord('ball_1', await recordOf(labels('ball_1'), [2]));
  const folder = temporaryFolder();
  const times = new Map<string, number>();
  const warnings: string[] = [];
  const found = await findTrainableCases(
    await listCohort(root),
    store,
    ({ reason }) => void warnings.push(reason),
    async ({ id, labels: from }) => {
      const kept = join(folder, id);
      copyFileSync(from, kept);
      times.set(id, (times.get(id) ?? 0) + 1);
      await onKept(times.get(id) ?? 0, kept, from, store);
      return kept;
    },
  );
  return { found, warnings, times };
}

it('learns from what was accepted by a save that was killed between label file and record', async () => {
  const { root, labels } = await ballCohort(2);
  const store = new CohortStore(root);
  const path = store.caseRecordPath('ball_1');
  await store.writeCaseRecord('ball_1', await recordOf(labels('ball_1'), [2]));
  const replaces = textFingerprint(readFileSync(path, 'utf8'));
  writeFileSync(labels('ball_1'), readFileSync(labels('ball_0')));
  const labelsFingerprint = await fileFingerprint(labels('ball_1'));
  const record = await recordOf(labels('ball_1'), [3, 4]);
  const journal = path.replace('.json', SAVE_JOURNAL_ENDING);
  writeFileSync(journal, serializeSaveJournal({ labelsFingerprint, replaces, record, history: [] }));
  const warnings: string[] = [];
  const found = await findTrainableCases(await listCohort(root), store, ({ reason }) => void warnings.push(reason));
  expect(warnings).toEqual([]);
  expect(found[1].accepted?.flatMap((accepted, k) => (accepted ? [k] : []))).toEqual([3, 4]);
});

describe('findTrainableCases that keeps label files', () => {
  it('gives what is kept, with what it holds', async () => {
    const { found, warnings, times } = await findFirst(() => undefined);
    expect(warnings).toEqual([]);
    expect([...times.values()]).toEqual([1, 1]);
    for (const { files, labelsPath, labelsFingerprint } of found) {
      expect(labelsPath).not.toBe(files.labels);
      expect(labelsFingerprint).toBe(await fileFingerprint(labelsPath));
    }
    expect(found[1].accepted?.flatMap((accepted, k) => (accepted ? [k] : []))).toEqual([2]);
  });

  it('never pairs labels with the record of others, where they are saved at that moment', async () => {
    const { found, warnings } = await findFirst(async (times, kept, labels, store) => {
      if (!kept.endsWith('ball_1') || times > 1) return;
      writeFileSync(labels, readFileSync(labels.replace('ball_1', 'ball_0')));
      await store.writeCaseRecord('ball_1', await recordOf(labels, [3, 4]));
    });
    expect(warnings).toEqual([]);
    const [first, second] = found;
    expect(await fileFingerprint(second.labelsPath)).toBe(await fileFingerprint(first.files.labels));
    expect(second.accepted?.flatMap((accepted, k) => (accepted ? [k] : []))).toEqual([3, 4]);
  });

  it('does not take half of a file that another program was writing', async () => {
    const half = (kept: string) => writeFileSync(kept, readFileSync(kept).subarray(0, 1000));
    const { found, warnings } = await findFirst((times, kept) => {
      if (kept.endsWith('ball_0') && times === 1) half(kept);
    });
    expect(warnings).toEqual([]);
    expect(await fileFingerprint(found[0].labelsPath)).toBe(await fileFingerprint(found[0].files.labels));

    const never = await findFirst((_, kept) => {
      if (kept.endsWith('ball_0')) half(kept);
    });
    expect(never.found.map(({ files }) => files.id)).toEqual(['ball_1']);
    expect(never.warnings).toEqual([expect.stringMatching(/^another program is writing/)]);
  });
});

it('leaves out a case of masks of which any lies elsewhere in space than the image', async () => {
  const at = (mm: number) => shortVolume(tinyGrid([4, 1, 1], [1, 1, 1], [mm, 0, 0]), [0, 1, 1, 0]);
  const root = writeTree(temporaryFolder(), {
    's0/ct.nii': at(0),
    's0/segmentations/aorta.nii': at(0),
    's0/segmentations/liver.nii': at(57),
    's1/ct.nii': at(0),
    's1/segmentations/aorta.nii': at(0),
    's1/segmentations/liver.nii': at(0),
  });
  const reasons: string[] = [];
  const found = await findTrainableCases(await listCohort(root), new CohortStore(root), ({ reason }) => {
    reasons.push(reason);
  });
  expect(found.map(({ files }) => files.id)).toEqual(['s1__ct']);
  expect(reasons).toEqual([expect.stringMatching(/liver\.nii places its voxels elsewhere in space than its image/)]);
});
