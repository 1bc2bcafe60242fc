import type { SliceReviewState } from '../../core/case/state/review.ts';

/**
 * The user reads this about one slice. "proposed" means that it is not reviewed yet and a proposal waits on it;
 * "rejected" means that it is not reviewed yet and a proposal was turned down on it.
 */
export type SliceStatus = 'unreviewed' | 'rejected' | 'proposed' | 'edited' | 'accepted';

export const SLICE_STATUSES = [
  'accepted',
  'edited',
  'proposed',
  'rejected',
  'unreviewed',
] as const satisfies readonly SliceStatus[];

export const SLICE_STATUS_TEXT: Readonly<Record<SliceStatus, string>> = {
  unreviewed: 'Unreviewed',
  rejected: 'Rejected',
  proposed: 'Proposed',
  edited: 'Edited',
  accepted: 'Accepted',
};

/** The statuses by slice along the review axis. */
export function sliceStatuses(
  review: readonly SliceReviewState[],
  isProposed: (slice: number) => boolean,
  isRejected: (slice: number) => boolean,
): readonly SliceStatus[] {
  return review.map((state, slice) => {
    if (state !== 'unreviewed') return state;
    return isProposed(slice) ? 'proposed' : isRejected(slice) ? 'rejected' : state;
  });
}

export function countStatuses(statuses: readonly SliceStatus[]): Readonly<Record<SliceStatus, number>> {
  const counts = { unreviewed: 0, rejected: 0, proposed: 0, edited: 0, accepted: 0 };
  for (const status of statuses) counts[status]++;
  return counts;
}

/** Neighbouring slices of one status, `[from, to)`. */
export interface StatusRun<S> {
  readonly status: S;
  readonly from: number;
  readonly to: number;
}

export function statusRuns<S>(statuses: readonly S[]): readonly StatusRun<S>[] {
  const runs: StatusRun<S>[] = [];
  let from = 0;
  for (let slice = 1; slice <= statuses.length; slice++) {
    if (slice < statuses.length && statuses[slice] === statuses[from]) continue;
    runs.push({ status: statuses[from], from, to: slice });
    from = slice;
  }
  return runs;
}

/**
 * Describes one slice in words: "edited, the rest of the proposal waits, uncertainty high (0.31)".
 * @param waits whether something of the proposal waits on it
 * @param hasLabels whether the proposal has labels on it; if it waits without any, it says that the slice is empty
 * @param uncertainty the uncertainty of the proposal on it; undefined if there is no proposal
 */
export function sliceText(
  status: SliceStatus,
  waits: boolean,
  hasLabels: boolean,
  uncertainty: number | undefined,
): string {
  const empty = waits && status === 'proposed' && !hasLabels ? ' as empty' : '';
  const rest = waits && status !== 'proposed' ? ', the rest of the proposal waits' : '';
  return `${status}${empty}${rest}${uncertainty === undefined ? '' : `, uncertainty ${uncertaintyText(uncertainty)}`}`;
}

/**
 * Says in a word how much the network doubts a slice. The number is the share of its structures expected to be wrong.
 */
function uncertaintyText(uncertainty: number): string {
  const word = uncertainty < 0.1 ? 'low' : uncertainty < 0.25 ? 'medium' : 'high';
  return `${word} (${uncertainty.toFixed(2)})`;
}
