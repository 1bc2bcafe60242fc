import { expect, it } from 'vitest';
import { serializeCaseRecord } from '../../../../src/core/cohort/records/case-record.ts';
import { newCohortRecord } from '../../../../src/core/cohort/records/cohort-record.ts';
import { readOrStartRecord, recordSplit } from '../../../../src/engine/training/data/cohort-state.ts';
import { listCohort } from '../../../../src/node/cohort/cases/cohort-folder.ts';
import { CohortStore } from '../../../../src/node/cohort/state/cohort-store.ts';
import { ballCohort } from '../../../support/ball-cohort.ts';
import { BALL_LABELS } from '../../../support/learn-cases.ts';
import { temporaryFolder, writeTree } from '../../../support/temporary-folder.ts';

it('what was to be reserved and was begun with a proposal while training ran is not held out', async () => {
  const { root } = await ballCohort(4, 1);
  const store = new CohortStore(root);
  const begun = (modelVersion?: number) =>
    serializeCaseRecord({
      version: 1,
      labelsFingerprint: null,
      reviewAxis: 'k',
      slices: [{ state: 'accepted', ...(modelVersion !== undefined && { modelVersion }) }],
    });
  await store.writeCaseRecord('ball_1', begun(1));
  await store.writeCaseRecord('ball_2', begun());
  const split = { train: ['ball_0'], tune: [], holdout: [], reserved: ['ball_1', 'ball_2', 'ball_3'] };
  await recordSplit(store, await listCohort(root), BALL_LABELS, split);
  expect(await store.readRecord()).toMatchObject({ holdout: ['ball_2', 'ball_3'], seen: ['ball_0'] });
});

it('a record that says how files are named, and not what labels mean, gets its labels from the cohort and keeps the rest', async () => {
  const masks = { 's0/ct.nii': '', 's0/segmentations/liver.nii': '', 's1/ct.nii': '' };
  const root = writeTree(temporaryFolder(), masks);
  const store = new CohortStore(root);
  const namePatterns = [{ dataSet: 'cohort.json', channels: ['scan-{case}'], labels: ['roi-{case}'] }];
  await store.writeRecord({ ...newCohortRecord({ layout: 'side-by-side', labels: [] }), namePatterns });
  const listing = await listCohort(root);
  const started = await readOrStartRecord(store, store, listing);
  expect(started.labels.map(({ name }) => name)).toEqual(['background', 'liver']);
  await recordSplit(store, listing, started.labels, { train: ['s0__ct'], tune: [], holdout: [] });
  expect(await store.readRecord()).toMatchObject({ labels: started.labels, namePatterns, seen: ['s0__ct'] });
});
