import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type AcceptanceFigures,
  DoubtfulAcceptanceError,
  doubtWords,
} from '../../../../src/core/case/document/acceptance-doubts.ts';
import { planAdjudication } from '../../../../src/core/case/document/adjudicate.ts';
import { CaseDocument } from '../../../../src/core/case/document/case-document.ts';
import type { DocumentEdit } from '../../../../src/core/case/document/document-edit.ts';
import { planGesture } from '../../../../src/core/case/document/document-intents.ts';
import type { ReviewIntent } from '../../../../src/core/case/document/document-schemas.ts';
import { planReview } from '../../../../src/core/case/document/review-intents.ts';
import { parseCaseRecord, serializeCaseRecord } from '../../../../src/core/cohort/records/case-record.ts';
import { caseRecordOf, restoreReview } from '../../../../src/core/cohort/records/document-record.ts';
import { LabelMap } from '../../../../src/core/label/label-map.ts';
import { actionIn, documentOf, proposalOf, SHAPE, SIZE, TABLE, world } from '../../../support/case-world.ts';

const WHEN = { when: '2026-01-02T03:04:05.678Z' };
const start = { ...fc.sample(world, { numRuns: 1, seed: 7 })[0], reviewPlane: 'axial' as const };
const empty = () => documentOf({ ...start, labels: new Uint8Array(SIZE) });
const all = (document: CaseDocument) => ({ from: 0, to: document.sliceCount - 1 });

/** What `act` refuses to accept without being told. */
function asked(act: () => unknown): AcceptanceFigures {
  try {
    act();
  } catch (error) {
    if (error instanceof DoubtfulAcceptanceError) return error.figures;
    throw error;
  }
  throw new Error('Nobody was asked.');
}

/** On the first two slices a voxel of label 1 is proposed. */
function withProposal(document: CaseDocument, id = '3'): void {
  const labels = new Uint8Array(SIZE);
  const axis = document.reviewAxis;
  labels[0] = 1;
  labels[axis === 0 ? 1 : axis === 1 ? SHAPE[0] : SHAPE[0] * SHAPE[1]] = 1;
  document.setProposal(proposalOf(id, labels, document.sliceCount));
}

it('knows on which slices the proposal has a label, also after a component of it was rejected', () => {
  const document = empty();
  const labelled = () => [...document.review.keys()].filter((slice) => document.proposesLabelsOn(slice));
  expect(labelled()).toEqual([]);
  withProposal(document);
  expect(labelled()).toEqual([0, 1]);
  const edit = planReview(document, { action: 'reject-component', voxel: [0, 0, 0] }, WHEN);
  if (!edit) throw new Error('Nothing was rejected.');
  document.apply(edit);
  expect(labelled()).toEqual([]);
  document.setProposal(null);
  expect(labelled()).toEqual([]);
});

describe('accepting what nobody looked at', () => {
  it('of an untouched case is refused with figures, and changes nothing', () => {
    const document = empty();
    document.markShown([2], null);
    const slices = document.sliceCount;
    const figures = asked(() => planReview(document, { action: 'accept-slices', ...all(document) }, WHEN));
    expect(figures).toEqual({
      slices,
      notShown: slices - 1,
      rejected: 0,
      doubtful: slices - 1,
      empty: slices - 1,
    });
    expect(document.review.includes('accepted')).toBe(false);
  });

  it('of a slice that was rejected a moment ago is refused where it is accepted among others', () => {
    const document = empty();
    withProposal(document);
    document.markShown(document.review.keys(), '3');
    document.apply(planReview(document, { action: 'reject-slices', from: 1, to: 1 }, WHEN)!);
    expect(document.isRejected(1)).toBe(true);
    const slices = document.sliceCount;
    const figures = asked(() => planReview(document, { action: 'accept-slices', ...all(document) }, WHEN));
    expect(figures).toEqual({ slices, notShown: 0, rejected: 1, doubtful: 1, empty: 1 });
    // Who accepts it alone has it in front of them.
    document.apply(planReview(document, { action: 'accept-slices', from: 1, to: 1 }, WHEN)!);
    expect(document.review[1]).toBe('accepted');
    expect(document.isRejected(1)).toBe(false);
  });

  it('asks again where another proposal waits than the one that was looked at', () => {
    const document = empty();
    withProposal(document, '3');
    document.markShown(document.review.keys(), '3');
    expect(document.wasShown(0)).toBe(true);
    withProposal(document, '4');
    expect(document.wasShown(0)).toBe(false);
    expect(asked(() => planReview(document, { action: 'accept-slices', from: 0, to: 1 }, WHEN))).toEqual({
      slices: 2,
      notShown: 2,
      rejected: 0,
      doubtful: 2,
      empty: 0,
    });
    withProposal(document, '3');
    expect(document.wasShown(0)).toBe(true);
  });

  it('holds for ranges, and after structures and labels were taken over on slices that nobody saw', () => {
    for (const intent of [
      { action: 'accept-component', voxel: [0, 0, 0] },
      { action: 'accept-label', label: 1 },
    ] as const satisfies readonly ReviewIntent[]) {
      const document = empty();
      withProposal(document);
      document.apply(planReview(document, intent, WHEN)!);
      expect(document.review.slice(0, 2)).toEqual(['edited', 'edited']);
      expect(document.review.includes('accepted')).toBe(false);
      const figures = asked(() => planReview(document, { action: 'accept-slices', from: 0, to: 1 }, WHEN));
      expect(figures).toMatchObject({ slices: 2, notShown: 2, empty: 0 });
    }
  });

  it('holds where two reviewers are decided between', () => {
    const document = empty();
    const opinion = { reviewer: 'ben', labels: new LabelMap(SHAPE) };
    for (const side of ['mine', 'theirs'] as const) {
      expect(asked(() => planAdjudication(document, opinion, side, 3, WHEN))).toMatchObject({ notShown: 1 });
    }
    document.markShown([3], null);
    expect(planAdjudication(document, opinion, 'mine', 3, WHEN)).not.toBeNull();
  });

  it('is marked in the record where it is meant all the same, and undone with it', () => {
    const document = empty();
    document.markShown([0, 1], null);
    const edit = planReview(document, { action: 'accept-slices', from: 0, to: 3, doubtful: 'accept' }, WHEN)!;
    document.apply(edit);
    expect(document.provenance.slice(0, 4).map(({ unseen }) => unseen)).toEqual([undefined, undefined, true, true]);
    const text = serializeCaseRecord(caseRecordOf(document, null));
    expect(text).toContain('"version": 3');
    expect(text).toContain('{"state":"accepted","when":"2026-01-02T03:04:05.678Z","unseen":true}');
    expect(text).toContain('"looks": [\n    {"slices":"0-1"}\n  ]');
    document.undo(edit);
    expect(document.provenance.some(({ unseen }) => unseen)).toBe(false);

    document.apply(edit);
    document.markShown([2], null);
    document.apply(planReview(document, { action: 'unaccept-slices', from: 2, to: 2 }, WHEN)!);
    expect(document.provenance[2].unseen).toBeUndefined();
    document.apply(planReview(document, { action: 'accept-slices', from: 2, to: 2 }, WHEN)!);
    expect(document.provenance[2].unseen).toBeUndefined();
  });

  it('leaves out exactly the doubtful slices when that is what is meant', () => {
    const document = empty();
    withProposal(document);
    document.markShown([0, 1, 2], '3');
    document.apply(planReview(document, { action: 'reject-slices', from: 1, to: 1 }, WHEN)!);
    document.apply(planReview(document, { action: 'accept-slices', ...all(document), doubtful: 'leave' }, WHEN)!);
    expect(document.review.flatMap((state, slice) => (state === 'accepted' ? [slice] : []))).toEqual([0, 2]);
  });

  it('is told in words', () => {
    const figures = { slices: 40, notShown: 28, rejected: 3, doubtful: 30, empty: 25 };
    expect(doubtWords(figures)).toEqual([
      '28 of 40 slices have not been looked at',
      '3 were rejected',
      '25 would be accepted as empty',
    ]);
    expect(doubtWords({ ...figures, notShown: 0, rejected: 1, doubtful: 1, empty: 0 })).toEqual([
      '1 of 40 slices was rejected',
    ]);
    expect(
      new DoubtfulAcceptanceError({ ...figures, slices: 1, notShown: 1, rejected: 0, doubtful: 1, empty: 1 }).message,
    ).toBe(
      'Nothing was accepted: this slice has not been looked at, 1 would be accepted as empty. Look at it first, or say that it is meant too.',
    );
  });
});

/** What the record of slices that were looked at should be: every look that there ever was, in order. */
class NaiveLooks {
  readonly looks: { readonly slice: number; readonly proposal: string | null }[] = [];

  wasShown(document: CaseDocument, slice: number): boolean {
    const own = this.looks.filter((look) => look.slice === slice);
    if (!document.isProposed(slice)) return own.length > 0;
    const last = own.map(({ proposal }) => proposal).filter((proposal) => proposal !== null);
    return last.length > 0 && last.at(-1) === document.proposal?.id;
  }
}

it('knows after anything that was done what a list of all looks says, and so does the record of it', () => {
  const seen = { asked: 0, rejected: 0, left: 0, emptyAmong: 0, unseen: 0 };
  const play = world.chain((from) =>
    fc.record({
      from: fc.constant(from),
      steps: fc.array(
        fc.oneof(
          {
            weight: 3,
            arbitrary: fc.record({ kind: fc.constant('look' as const), at: fc.nat(1000), more: fc.nat(4) }),
          },
          { weight: 6, arbitrary: actionIn(from.planes) },
        ),
        { minLength: 5, maxLength: 30, size: 'max' },
      ),
      meant: fc.constantFrom('accept' as const, 'leave' as const),
    }),
  );
  fc.assert(
    fc.property(play, ({ from, steps, meant }) => {
      const document = documentOf(from);
      const naive = new NaiveLooks();
      const done: DocumentEdit[] = [];
      let proposals = 0;
      for (const step of steps) {
        let edit: DocumentEdit | null = null;
        if (step.kind === 'look') {
          const first = step.at % document.sliceCount;
          const slices = [...document.review.keys()].slice(first, first + step.more);
          document.markShown(slices, document.proposal?.id ?? null);
          naive.looks.push(...slices.map((slice) => ({ slice, proposal: document.proposal?.id ?? null })));
        } else if (step.kind === 'propose') {
          document.setProposal(step.labels && proposalOf(String(++proposals), step.labels, document.sliceCount));
        } else if (step.kind === 'stroke') edit = planGesture(document, step.stroke);
        else if (step.kind === 'undo') {
          const last = done.pop();
          if (last) document.undo(last);
        } else if (step.kind === 'review') {
          const intent = step.ask(document);
          const before = [...document.review];
          try {
            edit = planReview(document, intent, WHEN);
          } catch (error) {
            if (!(error instanceof DoubtfulAcceptanceError) || !('from' in intent)) throw error;
            seen.asked++;
            if (error.figures.empty > 0) seen.emptyAmong++;
            edit = planReview(document, { ...intent, doubtful: meant }, WHEN);
          }
          if ('from' in intent && intent.action === 'accept-slices') {
            // The figures, the marks and what is left out, by loops over slices and voxels.
            for (let slice = 0; slice < document.sliceCount; slice++) {
              const after = edit?.review.find((each) => each.slice === slice)?.after ?? before[slice];
              const isAsked = slice >= intent.from && slice <= intent.to && before[slice] !== 'accepted';
              const isDoubtful =
                !naive.wasShown(document, slice) || (intent.to > intent.from && document.isRejected(slice));
              if (!isAsked) expect(after).toBe(before[slice]);
              else if (isDoubtful && meant === 'leave') {
                expect(after).toBe(before[slice]);
                seen.left++;
              } else {
                expect(after).toBe('accepted');
                const { unseen } = edit!.provenance.find((each) => each.slice === slice)!.after;
                expect(unseen ?? false).toBe(!naive.wasShown(document, slice));
                if (unseen) seen.unseen++;
              }
            }
          }
        }
        if (edit) {
          document.apply(edit);
          done.push(edit);
        }
        for (let slice = 0; slice < document.sliceCount; slice++) {
          expect(document.wasShown(slice)).toBe(naive.wasShown(document, slice));
          const isRejected =
            document.review[slice] === 'unreviewed' &&
            !document.isProposed(slice) &&
            Array.from({ length: proposals }, (_, n) => String(n + 1)).some(
              (id) => document.proposalState(id, slice) === 'rejected',
            );
          expect(document.isRejected(slice)).toBe(isRejected);
          if (isRejected) seen.rejected++;
        }
      }
      const text = serializeCaseRecord(caseRecordOf(document, null));
      const labels = LabelMap.fromDense(SHAPE, document.labels.read(0, SIZE));
      const { proposal } = document;
      const again = new CaseDocument({
        planes: from.planes,
        labels,
        table: TABLE,
        ...restoreReview(parseCaseRecord(text), from.planes),
      });
      again.setProposal(proposal);
      for (let slice = 0; slice < document.sliceCount; slice++) {
        expect(again.wasShown(slice)).toBe(document.wasShown(slice));
        expect(again.isRejected(slice)).toBe(document.isRejected(slice));
      }
      expect(serializeCaseRecord(caseRecordOf(again, null))).toBe(text);
    }),
    // Seeded: what was met along the way is counted.
    { numRuns: 200, seed: 13 },
  );
  for (const count of Object.values(seen)) expect(count).toBeGreaterThan(20);
});

describe('a record', () => {
  const older = `{
  "version": 1,
  "labelsFingerprint": null,
  "reviewAxis": "${'ijk'[start.planes.axial.normalAxis]}",
  "slices": [
${Array.from({ length: start.planes.axial.sliceCount }, (_, slice) => `    {"state":"unreviewed"${slice === 2 ? ',"seconds":4' : ''}}`).join(',\n')}
  ]
}
`;

  it('of an earlier Voxel Loop is read: who worked on a slice for a while has looked at it', () => {
    const record = parseCaseRecord(older);
    expect(serializeCaseRecord(record)).toBe(older);
    const { looks } = restoreReview(record, start.planes);
    expect(looks).toEqual([[2, null]]);
  });

  it('whose looks name slices that are not there is read without them', () => {
    const foreign = older
      .replace('"version": 1', '"version": 3')
      .replace(/\n {2}\]\n\}/, '\n  ],\n  "looks": [\n    {"proposal":"3-a","slices":"1, 900-901"}\n  ]\n}');
    expect(restoreReview(parseCaseRecord(foreign), start.planes).looks).toEqual([
      [2, null],
      [1, '3-a'],
    ]);
  });
});
