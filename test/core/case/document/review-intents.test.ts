import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DocumentEdit } from '../../../../src/core/case/document/document-edit.ts';
import { InvalidIntentError, planGesture } from '../../../../src/core/case/document/document-intents.ts';
import { decodeEdits, encodeEdits, replayEdits } from '../../../../src/core/case/document/edits-codec.ts';
import { documentOf, proposalOf, SIZE, visible, world } from '../../../support/case-world.ts';
import { planDecision } from '../../../support/decide.ts';

const WHEN = { who: 'Ada', when: '2026-01-02T03:04:05Z' };
const [start] = fc.sample(
  world.filter(({ planes, reviewPlane }) => planes[reviewPlane].normalAxis === 2),
  { seed: 7, numRuns: 1 },
);

/**
 * A proposal on slices of 11 x 9: a long structure of label 1 on slices 2 to 4, a speck of label 1 on slice 3 and a
 * structure of label 2 on slices 3 and 4.
 */
function scene() {
  const labels = new Uint8Array(SIZE);
  const put = (i: number, j: number, k: number, label: number) => {
    labels[i + 11 * (j + 9 * k)] = label;
  };
  for (let k = 2; k <= 4; k++) for (let i = 1; i < 5; i++) put(i, 1, k, 1);
  put(9, 7, 3, 1);
  for (let k = 3; k <= 4; k++) for (let i = 1; i < 4; i++) put(i, 5, k, 2);
  const document = documentOf({ ...start, labels: new Uint8Array(SIZE) });
  document.setProposal(proposalOf('4', labels, document.sliceCount));
  const does = (edit: DocumentEdit | null) => {
    if (!edit) throw new Error('There was nothing to do.');
    document.apply(edit);
    return edit;
  };
  return { document, proposal: labels, does };
}

const state = (document: ReturnType<typeof scene>['document'], slice: number) => ({
  review: document.review[slice],
  waits: document.isProposed(slice),
});

describe('structures of a proposal', () => {
  it('a component is taken over on all its slices, the rest of them goes on waiting, and undo takes all of it back', () => {
    const { document, does } = scene();
    const before = visible(document);
    const edit = does(planDecision(document, { action: 'accept-component', voxel: [2, 1, 3] }, WHEN));
    expect(edit.title).toBe('Accept Component');
    expect(document.labels.count(1)).toBe(12);
    // Nothing is left on slice 2: it is edited, and its proposal is used up.
    expect(state(document, 2)).toEqual({ review: 'edited', waits: false });
    expect(state(document, 3)).toEqual({ review: 'edited', waits: true });
    expect(state(document, 4)).toEqual({ review: 'edited', waits: true });
    expect(state(document, 5)).toEqual({ review: 'unreviewed', waits: true });
    expect(document.provenance[3]).toEqual({ modelVersion: 4, proposal: '4' });
    // Not twice.
    expect(planDecision(document, { action: 'accept-component', voxel: [2, 1, 3] }, WHEN)).toBeNull();
    document.undo(edit);
    expect(visible(document)).toEqual(before);
  });

  it('accepting the slice afterwards takes the rest over, and accepts', () => {
    const { document, does, proposal } = scene();
    does(planDecision(document, { action: 'accept-component', voxel: [2, 1, 3] }, WHEN));
    does(planDecision(document, { action: 'accept-slices', from: 3, to: 3 }, WHEN));
    expect(document.labels.read(3 * 99, 99)).toEqual(proposal.subarray(3 * 99, 4 * 99));
    expect(state(document, 3)).toEqual({ review: 'accepted', waits: false });
    expect(document.provenance[3]).toEqual({ modelVersion: 4, proposal: '4', ...WHEN });
    // Slice 4 is as it was left.
    expect(state(document, 4)).toEqual({ review: 'edited', waits: true });
    does(planDecision(document, { action: 'unaccept-slices', from: 3, to: 3 }, WHEN));
    expect(state(document, 3)).toEqual({ review: 'edited', waits: false });
  });

  it('rejecting the slice afterwards keeps what was taken over', () => {
    const { document, does } = scene();
    does(planDecision(document, { action: 'accept-component', voxel: [2, 1, 3] }, WHEN));
    does(planDecision(document, { action: 'reject-slices', from: 3, to: 3 }, WHEN));
    expect(document.labels.count(1)).toBe(12);
    expect(state(document, 3)).toEqual({ review: 'edited', waits: false });
    expect(document.provenance[3]).toEqual({ modelVersion: 4, proposal: '4' });
  });

  it('the first stroke on such a slice takes the rest over', () => {
    const { document, does, proposal } = scene();
    does(planDecision(document, { action: 'accept-component', voxel: [2, 1, 3] }, WHEN));
    const { reviewPlane } = document;
    const stroke = { tool: 'brush', plane: reviewPlane, slice: 3, path: [[10, 8]], radiusMm: 0, label: 2 } as const;
    does(planGesture(document, stroke));
    const expected = proposal.slice(3 * 99, 4 * 99);
    const drawn = document.labels.read(3 * 99, 99);
    expect(drawn.filter((label, at) => label !== expected[at])).toHaveLength(1);
    expect(state(document, 3)).toEqual({ review: 'edited', waits: false });
  });

  it('a label is taken over everywhere, other labels go on waiting', () => {
    const { document, does } = scene();
    does(planDecision(document, { action: 'accept-label', label: 1 }, WHEN));
    expect(document.labels.count(1)).toBe(13);
    expect(document.labels.count(2)).toBe(0);
    expect(state(document, 2)).toEqual({ review: 'edited', waits: false });
    expect(state(document, 3)).toEqual({ review: 'edited', waits: true });
    expect(planDecision(document, { action: 'accept-label', label: 1 }, WHEN)).toBeNull();
    expect(() => planDecision(document, { action: 'accept-label', label: 9 }, WHEN)).toThrow(InvalidIntentError);
  });

  it('a rejected component leaves the proposal: what is accepted then is the slice without it', () => {
    const { document, does } = scene();
    const before = visible(document);
    const edit = does(planDecision(document, { action: 'reject-component', voxel: [9, 7, 3] }, WHEN));
    expect(edit.components).toEqual([
      { proposalId: '4', firstVoxel: 9 + 11 * (7 + 9 * 3), before: 'pending', after: 'rejected' },
    ]);
    expect(document.proposedLabels?.count(1)).toBe(12);
    expect(state(document, 3)).toEqual({ review: 'unreviewed', waits: true });
    expect(planDecision(document, { action: 'reject-component', voxel: [9, 7, 3] }, WHEN)).toBeNull();
    document.undo(edit);
    expect(visible(document)).toEqual(before);
    document.apply(edit);
    does(planDecision(document, { action: 'accept-slices', from: 2, to: 4 }, WHEN));
    expect(document.labels.count(1)).toBe(12);
  });

  it('accepted slices are left alone by what is decided about a structure that goes through them', () => {
    const { document, does } = scene();
    does(planDecision(document, { action: 'accept-slices', from: 3, to: 3 }, WHEN));
    const { provenance } = document;
    const [before] = [{ ...provenance[3] }];
    does(planDecision(document, { action: 'reject-component', voxel: [2, 1, 2] }, WHEN));
    expect(document.labels.count(1)).toBe(5);
    expect(document.review[3]).toBe('accepted');
    expect(document.provenance[3]).toEqual(before);
    does(planDecision(document, { action: 'accept-slices', from: 0, to: 6 }, WHEN));
    expect(document.labels.count(1)).toBe(5);
  });

  it('is remembered by id where the proposal comes after the edits, as when a backup is restored', () => {
    const { document, does, proposal } = scene();
    const edits = [
      does(planDecision(document, { action: 'reject-component', voxel: [9, 7, 3] }, WHEN)),
      does(planDecision(document, { action: 'accept-component', voxel: [2, 1, 3] }, WHEN)),
    ];
    const restarted = documentOf({ ...start, labels: new Uint8Array(SIZE) });
    replayEdits(restarted, decodeEdits(encodeEdits({ baseFingerprint: '', edits })).edits);
    restarted.setProposal(proposalOf('4', proposal, restarted.sliceCount));
    expect(visible(restarted)).toEqual(visible(document));
    // Another proposal says what it says.
    restarted.setProposal(proposalOf('5', proposal, restarted.sliceCount));
    expect(restarted.proposedLabels?.count(1)).toBe(13);
    expect(restarted.isProposed(3)).toBe(false);
  });

  it('refuses a voxel that is not there', () => {
    const { document } = scene();
    expect(() => planDecision(document, { action: 'accept-component', voxel: [11, 0, 0] }, WHEN)).toThrow(
      InvalidIntentError,
    );
  });
});
