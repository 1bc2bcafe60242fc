import { expect, it } from 'vitest';
import { newCohortRecord } from '../../../../src/core/cohort/records/cohort-record.ts';
import { DEFAULT_LABEL_TABLE } from '../../../../src/core/label/table/label-table.ts';
import { readHeldOutCases } from '../../../../src/node/cohort/cases/held-out-cases.ts';
import { CohortStore } from '../../../../src/node/cohort/state/cohort-store.ts';
import { temporaryFolder, writeTree } from '../../../support/temporary-folder.ts';

it('names what a splits.json holds out, and what the cohort has decided or reserved', async () => {
  const store = new CohortStore(temporaryFolder());
  expect([...(await readHeldOutCases(store))]).toEqual([]);
  const record = newCohortRecord({ layout: 'side-by-side', labels: DEFAULT_LABEL_TABLE });
  await store.writeRecord({ ...record, holdout: ['b', 'c'] });
  expect([...(await readHeldOutCases(store))]).toEqual(['b', 'c']);
  writeTree(store.root, { 'splits.json': '{"train": ["x"], "val": ["a", "b"]}' });
  expect([...(await readHeldOutCases(store))].sort()).toEqual(['a', 'b', 'c']);
});
