import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkSeen, checkSeenLabels, StaleDecisionError } from '../../../../src/core/case/document/seen-state.ts';
import { documentOf, proposalOf, SIZE, world } from '../../../support/case-world.ts';
import { planDecision } from '../../../support/decide.ts';

const [start] = fc.sample(world, { seed: 7, numRuns: 1 });

describe('what was seen when a decision was made', () => {
  it('must be what the document holds: the same proposal, and labels of the same revision', () => {
    const document = documentOf(start);
    const seen = { revision: 0, proposalId: null };
    checkSeen(document, seen);
    document.setProposal(proposalOf('4', new Uint8Array(SIZE), document.sliceCount));
    expect(() => checkSeen(document, seen)).toThrow('The proposal changed meanwhile; look again.');
    checkSeen(document, { ...seen, proposalId: '4' });
    document.setProposal(proposalOf('5', new Uint8Array(SIZE), document.sliceCount));
    expect(() => checkSeen(document, { ...seen, proposalId: '4' })).toThrow(StaleDecisionError);
    // A rollback leaves none.
    document.setProposal(null);
    expect(() => checkSeen(document, { ...seen, proposalId: '5' })).toThrow(/look again/);

    const edit = planDecision(document, { action: 'accept-slices', from: 0, to: 0 }, { when: '2026-01-01T00:00:00Z' });
    if (edit) document.apply(edit);
    expect(() => checkSeen(document, seen)).toThrow('The labels changed meanwhile; look again.');
    expect(() => checkSeenLabels(document, 2)).toThrow(StaleDecisionError);
    checkSeenLabels(document, 1);
  });
});
