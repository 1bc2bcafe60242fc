import type { SliceReviewState } from '../../core/cohort/review.ts';

/** What the user reads about one slice. "proposed": not reviewed yet, and a proposal waits on it. */
export type SliceStatus = 'unreviewed' | 'proposed' | 'edited' | 'accepted';

export const SLICE_STATUSES = [
  'accepted',
  'edited',
  'proposed',
  'unreviewed',
] as const satisfies readonly SliceStatus[];

export const SLICE_STATUS_TEXT: Readonly<Record<SliceStatus, string>> = {
  unreviewed: 'Unreviewed',
  proposed: 'Proposed',
  edited: 'Edited',
  accepted: 'Accepted',
};

/** By slice along the review axis. */
export function sliceStatuses(
  review: readonly SliceReviewState[],
  isProposed: (slice: number) => boolean,
): readonly SliceStatus[] {
  return review.map((state, slice) => (state === 'unreviewed' && isProposed(slice) ? 'proposed' : state));
}

export function countStatuses(statuses: readonly SliceStatus[]): Readonly<Record<SliceStatus, number>> {
  const counts = { unreviewed: 0, proposed: 0, edited: 0, accepted: 0 };
  for (const status of statuses) counts[status]++;
  return counts;
}

/** Neighbouring slices of one status, `[from, to)`. */
export interface StatusRun {
  readonly status: SliceStatus;
  readonly from: number;
  readonly to: number;
}

export function statusRuns(statuses: readonly SliceStatus[]): readonly StatusRun[] {
  const runs: StatusRun[] = [];
  let from = 0;
  for (let slice = 1; slice <= statuses.length; slice++) {
    if (slice < statuses.length && statuses[slice] === statuses[from]) continue;
    runs.push({ status: statuses[from], from, to: slice });
    from = slice;
  }
  return runs;
}

/**
 * The next slice after `from` (wrapping round, `from` itself last) that is not accepted: a proposed one where there is
 * any, since that is the reviewer's queue, otherwise an unreviewed or edited one. Undefined: everything is accepted.
 */
export function nextToReview(statuses: readonly SliceStatus[], from: number): number | undefined {
  const order = statuses.map((_, step) => (from + 1 + step) % statuses.length);
  return order.find((slice) => statuses[slice] === 'proposed') ?? order.find((slice) => statuses[slice] !== 'accepted');
}
