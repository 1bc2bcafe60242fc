import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CaseRecord, SliceRecord } from '../../../../src/core/cohort/records/case-record.ts';
import {
  type CaseEvidence,
  type ListedProposal,
  overviewOfCase,
} from '../../../../src/core/cohort/review/case-overview.ts';

const record = (slices: readonly SliceRecord[]): CaseRecord => ({
  version: 1,
  labelsFingerprint: null,
  reviewAxis: 'k',
  slices: [...slices],
});

const proposal = (slices: number, id = 'p'): ListedProposal => ({
  path: `/proposals/${id}.vlp`,
  id,
  modelVersion: 2,
  modelName: 'model 2',
  created: '2026-01-02T03:04:05.678Z',
  reviewAxis: 2,
  uncertainty: Array.from({ length: slices }, (_, slice) => slice / slices),
});

const evidence = (given: Partial<CaseEvidence>): CaseEvidence => ({
  labelled: false,
  record: null,
  changedOutside: false,
  doubtfulPlace: false,
  proposal: null,
  ...given,
});

const states = (given: Partial<CaseEvidence>) => overviewOfCase(evidence(given)).state;

describe('the state of a case', () => {
  it('is unreviewed where there is nothing, accepted where labels came complete', () => {
    expect(states({})).toEqual({ kind: 'unreviewed' });
    expect(states({ labelled: true })).toEqual({ kind: 'accepted', imported: true });
    expect(states({ labelled: true, proposal: proposal(3) })).toEqual({ kind: 'accepted', imported: true });
  });

  it('is proposed on the slices that nobody has touched and where the proposal was not rejected', () => {
    const slices: SliceRecord[] = [
      { state: 'unreviewed' },
      { state: 'accepted' },
      { state: 'unreviewed', rejectedProposal: 'p' },
      { state: 'unreviewed', rejectedProposal: 'older' },
      { state: 'edited' },
    ];
    const overview = overviewOfCase(evidence({ labelled: true, record: record(slices), proposal: proposal(5) }));
    expect(overview.state).toEqual({ kind: 'proposed', pending: 2, slices: 5 });
    expect(overview.proposal?.pendingSlices).toEqual([0, 3]);
    expect(overview.review).toEqual({ unreviewed: 3, edited: 1, accepted: 1, rejected: 1 });
    expect(states({ proposal: proposal(4) })).toEqual({ kind: 'proposed', pending: 4, slices: 4 });
  });

  it('still knows what was rejected of a proposal that is shown again, and rejected again since', () => {
    const slices: SliceRecord[] = [
      { state: 'unreviewed', rejectedProposal: 'newer' },
      { state: 'unreviewed', rejectedProposal: 'newer' },
      { state: 'unreviewed', rejectedProposal: 'p' },
      { state: 'unreviewed' },
    ];
    const earlierRejections = [{ proposal: 'p', slices: '1' }];
    const given = evidence({
      labelled: true,
      record: { ...record(slices), version: 2, earlierRejections },
      proposal: proposal(4),
    });
    expect(overviewOfCase(given).proposal?.pendingSlices).toEqual([0, 3]);
  });

  it('passes over a proposal for other slices, and a record whose label map is gone', () => {
    const two = record([{ state: 'edited' }, { state: 'unreviewed' }]);
    expect(states({ labelled: true, record: two, proposal: proposal(3) })).toEqual({
      kind: 'edited',
      accepted: 0,
      slices: 2,
    });
    expect(states({ labelled: true, record: two, proposal: { ...proposal(2), reviewAxis: 0 } }).kind).toBe('edited');
    expect(states({ labelled: false, record: two })).toEqual({ kind: 'unreviewed' });
  });

  it('takes acceptance back where another program wrote the labels', () => {
    const done = record([{ state: 'accepted' }, { state: 'accepted', source: 'imported' }]);
    expect(states({ labelled: true, record: done })).toEqual({ kind: 'accepted', imported: false });
    expect(states({ labelled: true, record: done, changedOutside: true })).toEqual({
      kind: 'edited',
      accepted: 0,
      slices: 2,
    });
  });

  it('counts every slice once, and what is pending is unreviewed', () => {
    const slice = fc.record(
      {
        state: fc.constantFrom('unreviewed', 'edited', 'accepted'),
        rejectedProposal: fc.constantFrom('p', 'q'),
      },
      { requiredKeys: ['state'] },
    );
    fc.assert(
      fc.property(fc.array(slice, { minLength: 1 }), fc.boolean(), (slices, changedOutside) => {
        const given = evidence({
          labelled: true,
          changedOutside,
          record: record(slices as SliceRecord[]),
          proposal: proposal(slices.length),
        });
        const { review, proposal: shown, state } = overviewOfCase(given);
        expect((review?.unreviewed ?? 0) + (review?.edited ?? 0) + (review?.accepted ?? 0)).toBe(slices.length);
        const isRejected = ({ state: each, rejectedProposal }: { state: string; rejectedProposal?: string }) =>
          each === 'unreviewed' && rejectedProposal === 'p';
        // Where it is another one that was rejected, the present proposal waits.
        expect(review?.rejected).toBe(slices.filter(isRejected).length);
        for (const pending of shown?.pendingSlices ?? []) expect(slices[pending].state).toBe('unreviewed');
        if (state.kind === 'proposed') expect(state.pending).toBe(shown?.pendingSlices.length);
        expect(state.kind === 'accepted').toBe(review?.accepted === slices.length);
      }),
    );
  });
});
