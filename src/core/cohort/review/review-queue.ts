import type { SliceReviewState } from '../../case/state/review.ts';
import type { SliceSignals } from '../../case/state/slice-signals.ts';
import { expectedGain } from './expected-gain.ts';

/** The slices of one case's newest proposal. */
export interface CaseToRank {
  readonly id: string;
  /** The signals by slice along the review axis. */
  readonly signals: readonly SliceSignals[];
  /** The states by slice: only unreviewed slices are ranked. Without them nothing has been reviewed yet. */
  readonly review?: readonly SliceReviewState[] | undefined;
}

export interface RankedSlice {
  readonly caseId: string;
  /** The index along the case's review axis. */
  readonly slice: number;
  /** The expected gain of reviewing it (see `expectedGain`), 0 and more. */
  readonly gain: number;
}

/**
 * Ranks all unreviewed slices of all cases, worst first: it is the order of someone who may go from any slice to any
 * other, as a simulation does. (`queueCases` keeps the slices of a case together.) Ties go by case id (code units),
 * then by slice, so that the same proposals always give the same order.
 */
export function rankSlices(cases: readonly CaseToRank[]): RankedSlice[] {
  return cases
    .flatMap(({ id, signals, review }) =>
      signals.flatMap((of, slice) =>
        (review?.[slice] ?? 'unreviewed') === 'unreviewed' ? [{ caseId: id, slice, gain: expectedGain(of) }] : [],
      ),
    )
    .sort((a, b) => b.gain - a.gain || compare(a.caseId, b.caseId) || a.slice - b.slice);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
