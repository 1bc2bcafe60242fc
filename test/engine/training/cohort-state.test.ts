import { expect, it } from 'vitest';
import { serializeCaseRecord } from '../../../src/core/cohort/records/case-record.ts';
import { recordSplit } from '../../../src/engine/training/cohort-state.ts';
import { listCohort } from '../../../src/node/cohort-folder.ts';
import { CohortStore } from '../../../src/node/cohort-store.ts';
import { ballCohort } from '../../support/ball-cohort.ts';
import { BALL_LABELS } from '../../support/learn-cases.ts';

it('what was to be reserved and was begun with a proposal while training ran is not held out', async () => {
  const { root } = await ballCohort(4, 1);
  const store = new CohortStore(root);
  const begun = (modelVersion?: number) =>
    serializeCaseRecord({
      ...{ version: 1, labelsFingerprint: null, reviewAxis: 'k' },
      slices: [{ state: 'accepted', ...(modelVersion !== undefined && { modelVersion }) }],
    });
  await store.writeCaseRecord('ball_1', begun(1));
  await store.writeCaseRecord('ball_2', begun());
  const split = { train: ['ball_0'], tune: [], holdout: [], reserved: ['ball_1', 'ball_2', 'ball_3'] };
  await recordSplit(store, await listCohort(root), BALL_LABELS, split);
  expect(await store.readRecord()).toMatchObject({ holdout: ['ball_2', 'ball_3'], seen: ['ball_0'] });
});
