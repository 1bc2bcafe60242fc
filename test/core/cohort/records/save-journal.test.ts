import { expect, it } from 'vitest';
import { parseSaveJournal, serializeSaveJournal } from '../../../../src/core/cohort/records/save-journal.ts';

const ENTRY = {
  labelsFingerprint: 'sha256-1',
  replaces: 'sha256-2',
  record: '{\n  "version": 1\n}\n',
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
