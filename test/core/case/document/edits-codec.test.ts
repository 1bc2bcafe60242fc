import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DocumentEdit } from '../../../../src/core/case/document/document-edit.ts';
import {
  decodeEdits,
  decodeEditsThatGrew,
  EditsFormatError,
  encodeEdit,
  encodeEdits,
  encodeEditsHead,
} from '../../../../src/core/case/document/edits-codec.ts';
import { labelTableFrom } from '../../../../src/core/label/table/label-table.ts';

const edit: DocumentEdit = {
  title: 'Übermalen 肝 \u{1f9e0} \\u0041 "',
  labels: { runs: [{ start: 2 ** 32, length: 5, before: 0, after: 1 }] },
  review: [{ slice: 3, before: 'unreviewed', after: 'accepted' }],
  provenance: [
    { slice: 3, before: {}, after: { modelVersion: 2, proposal: '2-ab-k', who: 'Zoë', when: '2026-01-02T03:04:05Z' } },
  ],
  proposal: [{ proposalId: '2', slice: 3, before: 'pending', after: 'taken' }],
  components: [{ proposalId: '2', firstVoxel: 2 ** 32, before: 'pending', after: 'rejected' }],
};
const withTable: DocumentEdit = {
  title: 'Add Label',
  labels: { runs: [] },
  review: [],
  provenance: [],
  proposal: [],
  table: { before: labelTableFrom([]), after: labelTableFrom([{ value: -7, name: 'foie' }]) },
};

const backup = { baseFingerprint: 'sha256:é', edits: [edit, withTable, edit] };

describe('edits as bytes', () => {
  it('come back as they were, any text included, and can be appended', () => {
    expect(decodeEdits(encodeEdits(backup))).toEqual(backup);
    expect(decodeEdits(encodeEdits({ ...backup, seconds: [[3, 1.5]] }))).toEqual({ ...backup, seconds: [[3, 1.5]] });
    expect(decodeEdits(encodeEditsHead('')).edits).toEqual([]);
    const pieces = [encodeEditsHead('sha256:é'), encodeEdit(edit), encodeEdit(withTable), encodeEdit(edit)];
    expect(pieces.flatMap((piece) => [...piece])).toEqual([...encodeEdits(backup)]);
  });

  it('come back as they were, whatever the texts', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (baseFingerprint, title) => {
        const edits = [{ ...withTable, title }];
        expect(decodeEdits(encodeEdits({ baseFingerprint, edits }))).toEqual({ baseFingerprint, edits });
      }),
      { numRuns: 200 },
    );
  });

  it('are refused with a typed error when cut off, changed or foreign', () => {
    const good = encodeEdits(backup);
    const ends = [encodeEditsHead('sha256:é').length];
    for (const one of backup.edits) ends.push(ends.at(-1)! + encodeEdit(one).length);
    for (let length = 0; length < good.length; length++) {
      if (ends.includes(length)) continue;
      expect(() => decodeEdits(good.subarray(0, length))).toThrow(EditsFormatError);
    }
    let refused = 0;
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const bad = good.slice();
        bad[at] ^= change;
        try {
          decodeEdits(bad);
        } catch (error) {
          expect(error).toBeInstanceOf(EditsFormatError);
          refused++;
        }
      }),
      { numRuns: 500 },
    );
    expect(refused).toBeGreaterThan(200);
  });

  it('that were appended are read up to the one that was cut off; anything else is refused as ever', () => {
    const good = encodeEdits(backup);
    const head = encodeEditsHead(backup.baseFingerprint).length;
    const ends = [head];
    for (const one of backup.edits) ends.push(ends.at(-1)! + encodeEdit(one).length);
    for (let length = head; length <= good.length; length++) {
      const whole = ends.filter((end) => end <= length).length - 1;
      expect(decodeEditsThatGrew(good.subarray(0, length)).edits).toEqual(backup.edits.slice(0, whole));
    }
    for (let length = 0; length < head; length++) {
      expect(() => decodeEditsThatGrew(good.subarray(0, length))).toThrow(EditsFormatError);
    }
    const wrong = { ...edit, extra: true } as unknown as DocumentEdit;
    expect(() => decodeEditsThatGrew(encodeEdits({ baseFingerprint: '', edits: [edit, wrong] }))).toThrow(
      EditsFormatError,
    );
  });

  it('are refused when they are well-formed but wrong', () => {
    const wrong = [
      { ...edit, review: [{ slice: -1, before: 'unreviewed', after: 'edited' }] },
      { ...edit, review: [{ slice: 1, before: 'unreviewed', after: 'finished' }] },
      { ...edit, provenance: [{ slice: 1, before: {}, after: { when: 'yesterday' } }] },
      { ...edit, extra: true },
      { ...edit, table: { before: [], after: [] } },
    ] as unknown as DocumentEdit[];
    for (const bad of wrong) {
      expect(() => decodeEdits(encodeEdits({ baseFingerprint: '', edits: [bad] }))).toThrow(EditsFormatError);
    }
  });
});
