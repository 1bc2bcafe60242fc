import { expect, it } from 'vitest';
import { serializeCaseRecord } from '../../../../src/core/cohort/records/case-record.ts';
import { parseSaveJournal, serializeSaveJournal } from '../../../../src/core/cohort/records/save-journal.ts';

const ENTRY = {
  labelsFingerprint: 'sha256-1',
  replaces: 'sha256-2',
  record: serializeCaseRecord({
    version: 1,
    labelsFingerprint: null,
    reviewAxis: 'k',
    slices: [{ state: 'accepted' }],
  }),
  who: 'Zoë',
  history: [
    { when: '2026-01-02T03:04:05.678Z', who: 'Zoë', what: 'accepted' as const, slices: [[1, 2]] as [number, number][] },
  ],
};

it('comes back as it was written, and says nothing at all where it was torn', () => {
  const text = serializeSaveJournal(ENTRY);
  expect(parseSaveJournal(text)).toEqual({ version: 1, ...ENTRY });
  for (let length = 0; length < text.length - 1; length++) {
    expect(parseSaveJournal(text.slice(0, length))).toBeNull();
  }
  expect(parseSaveJournal(text.replace('"version": 1,\n  "labels', '"version": 2,\n  "labels'))).toBeNull();
});

it('is none where its record is no record of a case: whoever wrote it, none of it is used', () => {
  for (const record of ['', '{}', 'echo code of a stranger\n', '[]', '{"version":1}']) {
    expect(parseSaveJournal(serializeSaveJournal({ ...ENTRY, record })), record).toBeNull();
  }
});
