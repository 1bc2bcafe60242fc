import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CaseDocument } from '../../../../src/core/case/document/case-document.ts';
import type { DocumentEdit } from '../../../../src/core/case/document/document-edit.ts';
import { planReview } from '../../../../src/core/case/document/review-intents.ts';
import {
  CaseRecordError,
  parseCaseRecord,
  rejectedSlices,
  serializeCaseRecord,
} from '../../../../src/core/cohort/records/case-record.ts';
import {
  caseRecordOf,
  importedCaseRecord,
  restoreReview,
} from '../../../../src/core/cohort/records/document-record.ts';
import { LabelMap } from '../../../../src/core/label/label-map.ts';
import { actionIn, documentOf, proposalOf, SHAPE, SIZE, TABLE, world } from '../../../support/case-world.ts';
import { planDecision } from '../../../support/decide.ts';

const HASH = `sha256-${'a'.repeat(64)}`;
const WHEN = { who: 'Zoë', when: '2026-01-02T03:04:05.678Z' };

const [start] = fc.sample(world, { seed: 5, numRuns: 1 });

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
          const edit = planDecision(document, intent, WHEN);
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
      { numRuns: 150 },
    );
    expect(seen.accepted).toBeGreaterThan(20);
    expect(seen.rejected).toBeGreaterThan(20);
    expect(seen.partial).toBeGreaterThan(20);
    expect(seen.components).toBeGreaterThan(20);
  });

  it('keeps what was rejected of each of several proposals, whichever is shown when the case is saved', () => {
    const seen = { twiceOnOneSlice: 0, components: 0, partial: 0 };
    const ids = ['1', '2', '3'];
    const play = world.chain((start) =>
      fc.record({
        start: fc.constant(start),
        steps: fc.array(
          fc.oneof(
            { weight: 3, arbitrary: fc.record({ show: fc.constantFrom(...ids, null) }) },
            { weight: 4, arbitrary: fc.record({ reject: fc.nat(1000) }) },
            { weight: 4, arbitrary: actionIn(start.planes) },
          ),
          { minLength: 10, maxLength: 60, size: 'max' },
        ),
      }),
    );
    fc.assert(
      fc.property(play, ({ start, steps }) => {
        const proposed = new Map(
          ids.map((id, at) => [id, Uint8Array.from(start.labels, (label) => (label + at + 1) % 3)] as const),
        );
        const show = (document: CaseDocument, id: string | null) =>
          document.setProposal(
            id === null ? null : proposalOf(id, proposed.get(id) as Uint8Array, document.sliceCount),
          );
        const document = documentOf(start);
        // The oracle: per slice the proposals that were rejected there, in that order.
        const rejected = document.review.map((): string[] => []);
        for (const step of steps) {
          let edit: DocumentEdit | null = null;
          if ('show' in step) show(document, step.show);
          else if ('reject' in step) {
            const slice = step.reject % document.sliceCount;
            edit = planDecision(document, { action: 'reject-slices', from: slice, to: slice }, WHEN);
          } else if (step.kind === 'review') edit = planDecision(document, step.ask(document), WHEN);
          if (!edit) continue;
          document.apply(edit);
          for (const { proposalId, slice, after } of edit.proposal) {
            rejected[slice] = rejected[slice].filter((id) => id !== proposalId);
            if (after === 'rejected') rejected[slice].push(proposalId);
          }
        }
        const text = serializeCaseRecord(caseRecordOf(document, HASH));
        const record = parseCaseRecord(text);
        expect(record.version).toBe(record.looks ? 3 : record.earlierRejections ? 2 : 1);
        const init = { planes: start.planes, labels: LabelMap.fromDense(SHAPE, document.labels.read(0, SIZE)) };
        const restarted = new CaseDocument({ ...init, table: TABLE, ...restoreReview(record, start.planes) });
        expect(serializeCaseRecord(caseRecordOf(restarted, HASH))).toBe(text);
        for (let slice = 0; slice < document.sliceCount; slice++) {
          expect(record.slices[slice].rejectedProposal).toBe(rejected[slice].at(-1));
          expect(new Set(restarted.rejectedProposals(slice))).toEqual(new Set(rejected[slice]));
          if (rejected[slice].length > 1) seen.twiceOnOneSlice++;
          if (record.slices[slice].partialProposal) seen.partial++;
        }
        for (const id of [...ids, ...ids.reverse()]) {
          show(document, id);
          show(restarted, id);
          // Whatever is shown, nothing that was decided about another proposal is forgotten.
          expect(serializeCaseRecord(caseRecordOf(restarted, HASH))).toBe(text);
          expect(restarted.proposedLabels?.read(0, SIZE)).toEqual(document.proposedLabels?.read(0, SIZE));
          expect(rejectedSlices(record, id)).toEqual(rejected.map((those) => those.includes(id)));
          for (let slice = 0; slice < document.sliceCount; slice++) {
            expect(restarted.isProposed(slice)).toBe(document.isProposed(slice));
          }
          if ((record.earlierRejections ?? []).some(({ components }) => components)) seen.components++;
        }
      }),
      // Seeded: what was met along the way is counted.
      { numRuns: 150, seed: 2 },
    );
    expect(seen.twiceOnOneSlice).toBeGreaterThan(5);
    expect(seen.components).toBeGreaterThan(2);
    expect(seen.partial).toBeGreaterThan(2);
  });

  it('of a Voxel Loop before that reads as it did, and what it says of earlier proposals is one line each', () => {
    const plane = Object.values(start.planes).find(({ normalAxis }) => normalAxis === 2)!;
    const older = `{
  "version": 1,
  "labelsFingerprint": null,
  "reviewAxis": "k",
  "slices": [
${Array.from({ length: plane.sliceCount }, (_, slice) => `    {"state":"unreviewed"${slice === 3 ? ',"rejectedProposal":"2-b"' : ''}}`).join(',\n')}
  ],
  "rejectedComponents": {"proposal":"2-b","firstVoxels":[7]}
}
`;
    const record = parseCaseRecord(older);
    expect(serializeCaseRecord(record)).toBe(older);
    const init = { planes: start.planes, labels: new LabelMap(SHAPE), table: TABLE };
    const document = new CaseDocument({ ...init, ...restoreReview(record, start.planes) });
    expect(document.proposalState('2-b', 3)).toBe('rejected');
    expect(document.rejectedComponents('2-b')).toEqual([7]);

    document.setProposal({ ...proposalOf('3', new Uint8Array(SIZE), plane.sliceCount), id: '3-c' });
    document.apply(planReview(document, { action: 'reject-slices', from: 2, to: 4 }, WHEN)!);
    const text = serializeCaseRecord(caseRecordOf(document, null));
    expect(text).toContain(`
  "rejectedComponents": {"proposal":"2-b","firstVoxels":[7]},
  "earlierRejections": [
    {"proposal":"2-b","slices":"3"}
  ]
}
`);
    expect(text).toContain('"version": 2');
    expect(rejectedSlices(parseCaseRecord(text), '2-b').flatMap((is, slice) => (is ? [slice] : []))).toEqual([3]);
    expect(rejectedSlices(parseCaseRecord(text), '3-c').flatMap((is, slice) => (is ? [slice] : []))).toEqual([2, 3, 4]);
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
    expect(() => parseCaseRecord(good.replace('"version": 1', '"version": 7'))).toThrow(/newer Voxel Loop/);
    const shorter = { ...parseCaseRecord(good), slices: [] };
    expect(() => restoreReview(shorter, start.planes)).toThrow(/has 0 slices and the image/);
    expect(parseCaseRecord(serializeCaseRecord(shorter))).toEqual(shorter);
  });

  it('of 2.7 KB with a range of a million slices again and again is read at once (it took 52 s)', () => {
    const slices = new Array<string>(300).fill('0-999999').join(',');
    const text = JSON.stringify({
      version: 2,
      labelsFingerprint: null,
      reviewAxis: 'k',
      slices: Array.from({ length: 35 }, () => ({ state: 'unreviewed' })),
      earlierRejections: [{ proposal: 'p1', slices }],
    });
    expect(rejectedSlices(parseCaseRecord(text), 'p1')).toEqual(new Array(35).fill(true));
  });

  it('that tells of more rejections than any work leaves is refused', () => {
    const earlierRejections = Array.from({ length: 1001 }, (_, n) => ({ proposal: `p${n}`, slices: '0' }));
    const text = JSON.stringify({
      version: 2,
      labelsFingerprint: null,
      reviewAxis: 'k',
      slices: [],
      earlierRejections,
    });
    expect(() => parseCaseRecord(text)).toThrow(CaseRecordError);
  });
});
