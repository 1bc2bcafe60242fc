import { describe, expect, it } from 'vitest';
import {
  ALL_CASES,
  casesThatMayTrain,
  casesToPredict,
  describeCase,
  describeProgress,
  listCases,
} from '../../../../src/core/cohort/review/case-list.ts';
import type { CaseOverview, CaseState } from '../../../../src/core/cohort/review/case-overview.ts';

function overview(id: string, state: CaseState, more: Partial<CaseOverview> = {}): CaseOverview {
  return {
    files: { id, channels: [`/${id}.nii`], timeIndex: 0, labels: `/${id}_seg.nii.gz` },
    labelled: false,
    test: false,
    holdout: false,
    state,
    review: null,
    proposal: null,
    reviewAxis: null,
    changedOutside: false,
    doubtfulPlace: false,
    changedMs: null,
    ...more,
  };
}

const proposal = (uncertainty: number[], pendingSlices = [...uncertainty.keys()], modelVersion = 1) => ({
  path: '/p.vlp',
  id: 'p',
  modelVersion,
  modelName: `model ${modelVersion}`,
  created: '2026-01-02T03:04:05.678Z',
  pendingSlices,
  uncertainty,
});

const unreviewed = { kind: 'unreviewed' } as const;
const accepted = { kind: 'accepted', imported: false } as const;
const proposed = (pending: number, slices: number) => ({ kind: 'proposed', pending, slices }) as const;

const cases = [
  overview('ct_10', unreviewed, { changedMs: 5 }),
  overview('ct_2', proposed(2, 3), { proposal: proposal([0.9, 0.1, 0.3], [1, 2]), changedMs: 7 }),
  overview('MR_1', proposed(3, 3), { proposal: proposal([0.2, 0.4, 0.1]) }),
  overview('mr_3', accepted, { changedMs: 9 }),
  overview('x', { kind: 'damaged', sentence: 'No.' }),
];
const ids = (options: Partial<typeof ALL_CASES>) =>
  listCases(cases, { ...ALL_CASES, ...options }).map(({ files }) => files.id);

describe('the list of cases', () => {
  it('is in the order of names as people count, and in other orders', () => {
    expect(ids({})).toEqual(['ct_2', 'ct_10', 'MR_1', 'mr_3', 'x']);
    expect(ids({ order: 'state' })).toEqual(['ct_2', 'MR_1', 'ct_10', 'x', 'mr_3']);
    expect(ids({ order: 'uncertainty' })).toEqual(['MR_1', 'ct_2', 'ct_10', 'mr_3', 'x']);
    expect(ids({ order: 'changed' })).toEqual(['mr_3', 'ct_2', 'ct_10', 'MR_1', 'x']);
  });

  it('shows what has the states and all the words', () => {
    expect(ids({ states: new Set(['proposed', 'accepted']) })).toEqual(['ct_2', 'MR_1', 'mr_3']);
    expect(ids({ text: ' 1 MR' })).toEqual(['MR_1']);
    expect(ids({ text: 'ct', states: new Set(['accepted']) })).toEqual([]);
  });
});

describe('words for cases', () => {
  it('tell the state, and whether the case judges', () => {
    expect(describeCase(cases[1])).toBe('proposed 2 of 3');
    expect(describeCase(overview('a', unreviewed))).toBe('');
    expect(describeCase(overview('a', unreviewed, { holdout: true, test: true }))).toBe('holdout · test');
    expect(describeCase(overview('a', accepted))).toBe('accepted');
    const review = { unreviewed: 1, edited: 2, accepted: 0, rejected: 0 };
    expect(describeCase(overview('a', { kind: 'edited', accepted: 0, slices: 3 }, { review }))).toBe('edited 2');
    expect(describeCase(overview('a', { kind: 'edited', accepted: 1, slices: 3 }, { review }))).toBe('accepted 1 of 3');
    const rejected = { unreviewed: 3, edited: 0, accepted: 0, rejected: 2 };
    expect(describeCase(overview('a', unreviewed, { review: rejected }))).toBe('2 rejected');
    expect(describeCase(overview('a', { kind: 'proposed', pending: 1, slices: 3 }, { review: rejected }))).toBe(
      'proposed 1 of 3 · 2 rejected',
    );
  });

  it('tell the progress of the cohort', () => {
    expect(describeProgress(cases)).toBe('▰▱▱▱▱▱▱▱ 1 of 5 cases accepted, 2 proposed, 1 damaged');
    expect(describeProgress([cases[3]])).toBe('▰▰▰▰▰▰▰▰ 1 of 1 case accepted');
  });
});

describe('what to predict', () => {
  it('has slices that nobody has touched and no proposal of the model, and does not judge', () => {
    const touched = { unreviewed: 0, edited: 3, accepted: 0, rejected: 0 };
    const candidates = [
      ...cases,
      overview('held', unreviewed, { holdout: true }),
      overview('done', { kind: 'edited', accepted: 0, slices: 3 }, { review: touched }),
      overview('half', { kind: 'edited', accepted: 0, slices: 3 }, { review: { ...touched, unreviewed: 1 } }),
      overview('older', proposed(1, 1), { proposal: proposal([0.1], [0], 1) }),
      overview('current', proposed(1, 1), { proposal: proposal([0.1], [0], 2) }),
      overview('tested', unreviewed, { test: true }),
    ];
    expect(casesToPredict(candidates, 2)).toEqual(['ct_10', 'ct_2', 'MR_1', 'half', 'older', 'tested']);
  });
});

describe('the cases that may train', () => {
  it('are those with labels, but for what judges, tests, or waits for somebody to look at it', () => {
    const labelled = { labelled: true };
    const given = [
      overview('begun', proposed(2, 3), labelled),
      overview('done', accepted, labelled),
      overview('no labels', unreviewed),
      overview('holdout', accepted, { ...labelled, holdout: true }),
      overview('test', accepted, { ...labelled, test: true }),
      overview('outside', accepted, { ...labelled, changedOutside: true }),
      overview('turned', { kind: 'edited', accepted: 0, slices: 0 }, { ...labelled, doubtfulPlace: true }),
      overview('damaged', { kind: 'damaged', sentence: 'No.' }, labelled),
    ];
    expect([...casesThatMayTrain(given)]).toEqual(['begun', 'done']);
  });
});
