import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CaseDocument, ProposalMismatchError } from '../../../../src/core/case/document/case-document.ts';
import type { DocumentEdit } from '../../../../src/core/case/document/document-edit.ts';
import {
  InvalidIntentError,
  planGesture,
  planLabelChange,
  planNewLabel,
} from '../../../../src/core/case/document/document-intents.ts';
import { decodeEdits, encodeEdits, replayEdits } from '../../../../src/core/case/document/edits-codec.ts';
import { LabelMap } from '../../../../src/core/label/label-map.ts';
import type { BrushStroke } from '../../../../src/core/tools/brush/brush.ts';
import { actionIn, documentOf, proposalOf, SHAPE, SIZE, TABLE, visible, world } from '../../../support/case-world.ts';
import { planDecision } from '../../../support/decide.ts';
import { NaiveCase } from '../../../support/naive-case.ts';

const one = (action: 'accept-slices' | 'reject-slices' | 'unaccept-slices', slice: number) => ({
  action,
  from: slice,
  to: slice,
});
const WHEN = { who: 'Ada', when: '2026-01-02T03:04:05Z' };
const play = world.chain((start) =>
  fc.record({
    start: fc.constant(start),
    actions: fc.array(actionIn(start.planes), { minLength: 1, maxLength: 30, size: 'max' }),
  }),
);

describe('CaseDocument', () => {
  it('does what a naive case does, whatever the user does, undo and redo included', () => {
    const seen = { edits: 0, nothing: 0, undone: 0, takenOver: 0, voxels: 0, reviewed: 0, components: 0, partial: 0 };
    fc.assert(
      fc.property(play, ({ start, actions }) => {
        const document = documentOf(start);
        const naive = new NaiveCase(
          SHAPE,
          start.planes,
          start.reviewPlane,
          [...start.labels],
          TABLE.map((entry) => entry.name),
        );
        const done: DocumentEdit[] = [];
        const undone: DocumentEdit[] = [];
        const all: DocumentEdit[] = [];
        let proposals = 0;
        let revision = 0;
        const make = (edit: DocumentEdit | null, happened: boolean) => {
          expect(edit !== null).toBe(happened);
          if (!edit) {
            seen.nothing++;
            return;
          }
          expect(document.apply(edit).revision).toBe(++revision);
          done.push(edit);
          undone.length = 0;
          seen.edits++;
          seen.voxels += edit.labels.runs.length;
          seen.reviewed += edit.review.length;
          seen.takenOver += edit.proposal.filter(({ after }) => after === 'taken').length;
        };
        for (const action of actions) {
          switch (action.kind) {
            case 'stroke':
              make(planGesture(document, action.stroke), naive.stroke(action.stroke));
              break;
            case 'review': {
              const intent = action.ask(document);
              const edit = planDecision(document, intent, WHEN);
              if (edit && 'voxel' in intent) seen.components++;
              if (edit?.proposal.some(({ after }) => after === 'partial')) seen.partial++;
              make(edit, naive.review(intent));
              break;
            }
            case 'propose': {
              const id = `${++proposals}`;
              document.setProposal(action.labels && proposalOf(id, action.labels, document.sliceCount));
              naive.proposal = action.labels && { id, labels: [...action.labels] };
              break;
            }
            case 'label': {
              const { edit, label } = planNewLabel(document, `new ${document.table.length}`);
              naive.addLabel(`new ${document.table.length}`);
              make(edit, true);
              expect(label).toBe(document.table.length - 1);
              break;
            }
            case 'undo': {
              const edit = done.pop();
              if (!edit) break;
              document.undo(edit);
              revision++;
              undone.push(edit);
              naive.undo();
              seen.undone++;
              break;
            }
            case 'redo': {
              const edit = undone.pop();
              if (!edit) break;
              document.apply(edit);
              revision++;
              done.push(edit);
              naive.redo();
              break;
            }
          }
          expect(visible(document)).toEqual({
            labels: naive.state.labels,
            review: naive.state.review,
            proposed: naive.state.review.map((_, slice) => naive.isProposed(slice)),
            proposal: naive.proposed,
            labelNames: naive.state.labelNames,
          });
        }
        expect(document.revision).toBe(revision);

        // A process that starts from the saved state and the backup ends where this one is, proposals apart.
        all.push(...done);
        const restarted = documentOf(start);
        replayEdits(restarted, decodeEdits(encodeEdits({ baseFingerprint: 'ß', edits: all })).edits);
        expect(restarted.labels.read(0, SIZE)).toEqual(document.labels.read(0, SIZE));
        expect(restarted.review).toEqual(document.review);
        expect(restarted.provenance).toEqual(document.provenance);
        expect(restarted.table).toEqual(document.table);

        for (const edit of done.reverse()) document.undo(edit);
        expect(document.labels.read(0, SIZE)).toEqual(documentOf(start).labels.read(0, SIZE));
        expect(document.provenance.every((history) => Object.keys(history).length === 0)).toBe(true);
      }),
      { numRuns: 300 },
    );
    expect(seen.edits).toBeGreaterThan(500);
    expect(seen.voxels).toBeGreaterThan(1000);
    expect(seen.undone).toBeGreaterThan(100);
    expect(seen.takenOver).toBeGreaterThan(200);
    expect(seen.reviewed).toBeGreaterThan(500);
    expect(seen.nothing).toBeGreaterThan(50);
    expect(seen.components).toBeGreaterThan(20);
    expect(seen.partial).toBeGreaterThan(10);
  });
});

describe('intents', () => {
  const [start] = fc.sample(
    world.filter(({ planes, reviewPlane }) => planes[reviewPlane].normalAxis === 2),
    { seed: 7, numRuns: 1 },
  );
  const empty = { ...start, labels: new Uint8Array(SIZE) };
  const plane = start.planes[start.reviewPlane];
  const everywhere: BrushStroke = {
    tool: 'brush',
    plane: plane.name,
    slice: 3,
    path: [[0, 0]],
    radiusMm: 1e6,
    label: 0,
  };
  const inSlice = (slice: number, label: number) => new Uint8Array(SIZE).fill(label, slice * 99, slice * 99 + 50);
  const proposed = (labels: Uint8Array, document = documentOf(empty)) => {
    document.setProposal(proposalOf('4', labels, document.sliceCount));
    return document;
  };

  it('erasing on a proposed slice removes the proposed voxels, in one edit that undo takes back whole', () => {
    const document = proposed(inSlice(3, 2));
    const dot = { ...everywhere, path: [[plane.columns, plane.rows]] as const, radiusMm: 0 };
    expect(planGesture(document, dot)).toBeNull();
    const edit = planGesture(document, everywhere);
    expect(edit?.title).toBe('Erase');
    expect(edit?.labels.runs).toEqual([]);
    document.apply(edit!);
    expect(document.review[3]).toBe('edited');
    expect(document.isProposed(3)).toBe(false);
    expect(document.labels.isUniform).toBe(true);
    expect(document.provenance[3]).toEqual({ modelVersion: 4, proposal: '4', editedVoxels: 50 });
    document.undo(edit!);
    expect(document.isProposed(3)).toBe(true);
    expect(document.provenance[3]).toEqual({});
  });

  it('a proposal fills background only: labels that are there already win', () => {
    const labels = new Uint8Array(SIZE).fill(1, 3 * 99, 3 * 99 + 10);
    const document = proposed(inSlice(3, 2), documentOf({ ...start, labels }));
    document.apply(planDecision(document, one('accept-slices', 3), WHEN)!);
    expect(document.labels.count(1)).toBe(10);
    expect(document.labels.count(2)).toBe(40);
    expect(document.provenance[3]).toEqual({ modelVersion: 4, proposal: '4', ...WHEN });
  });

  it('accepts an empty slice without a proposal, once', () => {
    const document = documentOf(empty);
    document.apply(planDecision(document, one('accept-slices', 2), WHEN)!);
    expect(document.review[2]).toBe('accepted');
    expect(planDecision(document, one('accept-slices', 2), WHEN)).toBeNull();
    document.apply(planDecision(document, one('unaccept-slices', 2), WHEN)!);
    expect(document.review[2]).toBe('edited');
    expect(document.provenance[2]).toEqual({});
  });

  it('drawing on an accepted slice reopens it, but a stroke that changes nothing does not', () => {
    const document = documentOf(empty);
    document.apply(planDecision(document, one('accept-slices', 3), WHEN)!);
    expect(planGesture(document, everywhere)).toBeNull();
    const edit = planGesture(document, { ...everywhere, label: 1 })!;
    document.apply(edit);
    expect(document.review[3]).toBe('edited');
    document.undo(edit);
    expect(document.review[3]).toBe('accepted');
    expect(document.provenance[3]).toEqual(WHEN);
  });

  it('adds up how many voxels strokes changed on a slice', () => {
    const document = proposed(inSlice(3, 2));
    document.apply(planGesture(document, everywhere)!);
    document.apply(planGesture(document, { ...everywhere, label: 1 })!);
    expect(document.provenance[3]).toEqual({ modelVersion: 4, proposal: '4', editedVoxels: 50 + 99 });
  });

  it('undoing what consumed an older proposal leaves the newer one alone', () => {
    const document = proposed(inSlice(3, 2));
    const edit = planDecision(document, one('accept-slices', 3), WHEN)!;
    document.apply(edit);
    document.setProposal(proposalOf('5', inSlice(3, 1), document.sliceCount));
    expect(document.isProposed(3)).toBe(false);
    document.undo(edit);
    expect(document.isProposed(3)).toBe(true);
    expect(document.proposalState('5', 3)).toBe('pending');
    expect(document.proposalState('4', 3)).toBe('pending');
    document.apply(edit);
    expect(document.proposalState('5', 3)).toBe('pending');
    expect(document.proposalState('4', 3)).toBe('taken');
    expect(document.labels.count(2)).toBe(50);
  });

  it('keeps what became of two proposals apart, however often both are undone and redone', () => {
    const document = proposed(inSlice(3, 2));
    const first = planDecision(document, one('reject-slices', 3), WHEN)!;
    document.apply(first);
    document.setProposal(proposalOf('5', inSlice(3, 1), document.sliceCount));
    const second = planDecision(document, one('reject-slices', 2), WHEN)!;
    document.apply(second);
    document.undo(second);
    document.undo(first);
    document.apply(first);
    expect(document.proposalState('4', 3)).toBe('rejected');
    expect(document.isProposed(3)).toBe(true);
    expect(document.isProposed(2)).toBe(true);
    document.apply(second);
    expect(document.isProposed(2)).toBe(false);
    expect(document.proposalState('4', 2)).toBe('pending');
  });

  it('a rejected slice stays rejected until the rejection is undone, or a newer proposal comes', () => {
    const document = proposed(inSlice(3, 2));
    const edit = planDecision(document, one('reject-slices', 3), WHEN)!;
    document.apply(edit);
    expect(document.isProposed(3)).toBe(false);
    expect(planDecision(document, one('reject-slices', 3), WHEN)).toBeNull();
    document.setProposal(proposalOf('5', inSlice(3, 1), document.sliceCount));
    expect(document.isProposed(3)).toBe(true);
    document.undo(edit);
    document.setProposal(proposalOf('4', inSlice(3, 2), document.sliceCount));
    expect(document.isProposed(3)).toBe(true);
  });

  it('refuses proposals of another grid, axis or label table, and edits that do not fit, without changing anything', () => {
    const document = proposed(inSlice(3, 2));
    const other = { ...proposalOf('5', inSlice(3, 1), document.sliceCount) };
    expect(() => document.setProposal({ ...other, labels: new LabelMap([1, 2, 3]) })).toThrow(ProposalMismatchError);
    expect(() => document.setProposal({ ...other, uncertainty: [] })).toThrow(ProposalMismatchError);
    expect(() => document.setProposal(proposalOf('5', inSlice(3, 3), document.sliceCount))).toThrow(
      ProposalMismatchError,
    );
    expect(document.proposal?.id).toBe('4');

    const edit = planDecision(document, { action: 'accept-slices', from: 0, to: 6 }, WHEN)!;
    const before = visible(document);
    const broken: DocumentEdit[] = [
      { ...edit, review: [{ slice: 1, before: 'accepted', after: 'edited' }] },
      { ...edit, review: [{ slice: 99, before: 'unreviewed', after: 'edited' }] },
      { ...edit, provenance: [{ slice: 1, before: WHEN, after: {} }] },
      { ...edit, proposal: [{ proposalId: '4', slice: 1, before: 'taken', after: 'pending' }] },
      { ...edit, table: { before: [], after: TABLE } },
      { ...edit, labels: { runs: [{ start: 0, length: 1, before: 0, after: 3 }] } },
      { ...edit, labels: { runs: [{ start: 0, length: 1, before: 1, after: 2 }] } },
    ];
    for (const bad of broken) expect(() => document.apply(bad)).toThrow(/does not fit|have changed/);
    expect(() => replayEdits(document, [edit, edit])).toThrow(/does not fit/);
    expect(visible(document)).toEqual(before);
  });

  it('refuses labels and slices that are not there', () => {
    const document = documentOf(empty);
    expect(() => planGesture(document, { ...everywhere, label: 3 })).toThrow(InvalidIntentError);
    expect(() => planGesture(document, { ...everywhere, onlyOver: 3 })).toThrow(InvalidIntentError);
    expect(() => planDecision(document, { action: 'accept-slices', from: 5, to: 4 }, WHEN)).toThrow(InvalidIntentError);
    expect(() => planDecision(document, one('accept-slices', 7), WHEN)).toThrow(InvalidIntentError);
    expect(() => planLabelChange(document, 3, TABLE[1])).toThrow(/no label 3/);
    expect(planLabelChange(document, 1, TABLE[1])).toBeNull();
  });

  it('a proposal whose label was undone cannot become labels any more', () => {
    const document = documentOf(empty);
    const { edit } = planNewLabel(document, 'cyst');
    document.apply(edit);
    proposed(inSlice(3, 3), document);
    document.undo(edit);
    expect(() => planDecision(document, one('accept-slices', 3), WHEN)).toThrow(ProposalMismatchError);
    expect(() => planGesture(document, everywhere)).toThrow(ProposalMismatchError);
  });

  it('tells listeners of every step until they leave', () => {
    const document = new CaseDocument({ ...empty, labels: new LabelMap(SHAPE), table: TABLE, revision: 40 });
    const heard: number[] = [];
    const leave = document.onStep(({ revision }) => heard.push(revision));
    const { edit } = planNewLabel(document, 'cyst');
    document.apply(edit);
    document.undo(edit);
    leave();
    document.apply(edit);
    expect(heard).toEqual([41, 42]);
  });
});
