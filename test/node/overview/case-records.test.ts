import { writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type CaseRecord, serializeCaseRecord } from '../../../src/core/cohort/records/case-record.ts';
import { CohortStore } from '../../../src/node/cohort/state/cohort-store.ts';
import { CaseRecords } from '../../../src/node/overview/case-records.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const record = (sliceCount: number): CaseRecord => ({
  version: 1,
  labelsFingerprint: null,
  reviewAxis: 'k',
  slices: Array.from({ length: sliceCount }, () => ({ state: 'unreviewed' })),
});

describe('CaseRecords', () => {
  it('reads what is there each time, and names what is damaged', async () => {
    const store = new CohortStore(temporaryFolder());
    const records = new CaseRecords(store);
    expect(await records.read()).toEqual({ records: new Map(), damaged: [] });
    for (const id of ['b', 'a', 'c']) await store.writeCaseRecord(id, serializeCaseRecord(record(2)));
    writeFileSync(store.caseRecordPath('c'), '{');
    const first = await records.read();
    expect([...first.records.keys()]).toEqual(['a', 'b']);
    expect(first.damaged).toEqual(['c']);

    await store.writeCaseRecord('a', serializeCaseRecord(record(3)));
    await store.writeCaseRecord('c', serializeCaseRecord(record(1)));
    const second = await records.read();
    expect([...second.records].map(([id, { slices }]) => [id, slices.length])).toEqual([
      ['a', 3],
      ['b', 2],
      ['c', 1],
    ]);
    // The one that did not change was not read again.
    expect(second.records.get('b')).toBe(first.records.get('b'));
  });
});
