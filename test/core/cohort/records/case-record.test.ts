import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CaseDocument } from '../../../../src/core/cohort/document/case-document.ts';
import { planReview } from '../../../../src/core/cohort/document/review-intents.ts';
import {
  CaseRecordError,
  caseRecordOf,
  importedCaseRecord,
  parseCaseRecord,
  restoreReview,
  serializeCaseRecord,
} from '../../../../src/core/cohort/records/case-record.ts';
import { LabelMap } from '../../../../src/core/label/label-map.ts';
import { actionIn, documentOf, proposalOf, SHAPE, SIZE, TABLE, world } from '../../../support/case-world.ts';

const HASH = `sha256-${'a'.repeat(64)}`;
const WHEN = { who: 'Zoë', when: '2026-01-02T03:04:05.678Z' };

describe('case record', () => {
  it('keeps review, provenance and rejections through a restart, in text that stays the same', () => {
    const seen = { accepted: 0, rejected: 0, partial: 0, components: 0 };
    const play = world.chain((start) =>
      fc.record({
        start: fc.constant(start),
        actions: fc.array(actionIn(start.planes), { maxLength: 40, size: 'max' }),
      }),
    );
    fc.assert(
      fc.property(play, ({ start, actions }) => {
        const document = documentOf(start);
        const proposed = start.labels.slice().reverse();
        document.setProposal(proposalOf('1', proposed, document.sliceCount));
        for (const action of actions) {
          if (action.kind !== 'review') continue;
          const intent = action.ask(document);
          if ('from' in intent && intent.from !== intent.to) continue;
          const edit = planReview(document, intent, WHEN);
          if (edit) document.apply(edit);
        }
        const text = serializeCaseRecord(caseRecordOf(document, HASH));
        const record = parseCaseRecord(text);
        expect(serializeCaseRecord(record)).toBe(text);

        const init = { planes: start.planes, labels: new LabelMap(SHAPE), table: TABLE };
        const restarted = new CaseDocument({ ...init, ...restoreReview(record, start.planes) });
        expect(restarted.reviewPlane).toBe(document.reviewPlane);
        expect(restarted.review).toEqual(document.review);
        expect(restarted.provenance).toEqual(document.provenance);
        // Saved again before the proposal is loaded, it still knows what was rejected.
        expect(serializeCaseRecord(caseRecordOf(restarted, HASH))).toBe(text);
        restarted.setProposal(proposalOf('1', proposed, document.sliceCount));
        expect(restarted.proposedLabels?.read(0, SIZE)).toEqual(document.proposedLabels?.read(0, SIZE));
        if (record.rejectedComponents) seen.components++;
        for (let slice = 0; slice < document.sliceCount; slice++) {
          expect(restarted.isProposed(slice)).toBe(document.isProposed(slice));
          if (record.slices[slice].rejectedProposal) seen.rejected++;
          if (record.slices[slice].partialProposal) seen.partial++;
          if (document.review[slice] === 'accepted') seen.accepted++;
        }
      }),
      { numRuns: 200 },
    );
    expect(seen.accepted).toBeGreaterThan(20);
    expect(seen.rejected).toBeGreaterThan(20);
    expect(seen.partial).toBeGreaterThan(20);
    expect(seen.components).toBeGreaterThan(20);
  });

  it('has one slice per line, so that diffs show which slices changed', () => {
    const text = serializeCaseRecord({
      version: 1,
      labelsFingerprint: null,
      reviewAxis: 'k',
      slices: [{ state: 'unreviewed' }, { when: WHEN.when, modelVersion: 3, state: 'accepted', editedVoxels: 12 }],
    });
    expect(text).toBe(
      `{
  "version": 1,
  "labelsFingerprint": null,
  "reviewAxis": "k",
  "slices": [
    {"state":"unreviewed"},
    {"state":"accepted","modelVersion":3,"editedVoxels":12,"when":"2026-01-02T03:04:05.678Z"}
  ]
}
`,
    );
  });

  const [start] = fc.sample(world, { seed: 5, numRuns: 1 });

  it('of an imported label map has every slice accepted, marked as imported', () => {
    const record = importedCaseRecord(start.planes[start.reviewPlane], HASH);
    const { review, provenance } = restoreReview(parseCaseRecord(serializeCaseRecord(record)), start.planes);
    expect(review.every((state) => state === 'accepted')).toBe(true);
    expect(provenance.every(({ source }) => source === 'imported')).toBe(true);
  });

  it('is refused with one sentence when it is damaged, newer, or of another volume', () => {
    const good = serializeCaseRecord(importedCaseRecord(start.planes.axial, HASH));
    for (const bad of [
      '',
      'null',
      '[]',
      good.slice(0, -5),
      good.replace('"accepted"', '"finished"'),
      good.replace(HASH, 'abc'),
      good.replace('"imported"', '"imported","colour":1'),
    ]) {
      expect(() => parseCaseRecord(bad)).toThrow(CaseRecordError);
    }
    expect(() => parseCaseRecord(good.replace('"version": 1', '"version": 2'))).toThrow(/newer Voxel Loop/);
    const shorter = { ...parseCaseRecord(good), slices: [] };
    expect(() => restoreReview(shorter, start.planes)).toThrow(/has 0 slices and the image/);
    expect(parseCaseRecord(serializeCaseRecord(shorter))).toEqual(shorter);
  });
});
