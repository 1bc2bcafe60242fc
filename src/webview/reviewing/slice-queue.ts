import type { SliceStatus } from './review-summary.ts';

/** The order of review depends on these facts, each by slice along the review axis. */
export interface SlicesToReview {
  readonly statuses: readonly SliceStatus[];
  /** Tells whether something of the proposal waits on the slice. */
  readonly waiting: readonly boolean[];
  /** Tells whether the proposal has a label on the slice. */
  readonly labelled: readonly boolean[];
  /** The uncertainty goes from 0 (certain) up. */
  readonly uncertainty: ArrayLike<number>;
  /** The user has seen these slices and left them undecided. */
  readonly passed: ReadonlySet<number>;
}

/**
 * Finds the slice to review after `from`. First come the slices on which a proposal waits with labels: the most
 * uncertain one, and of equals the nearest ahead, wrapping round. Then come those that the proposal says are empty.
 * Slices that were passed over come again when all others are done. Where nothing else waits, it is the nearest slice
 * ahead that is not accepted. It is undefined if there is no other slice to review.
 */
export function nextToReview(
  { statuses, waiting, labelled, uncertainty, passed }: SlicesToReview,
  from: number,
): number | undefined {
  const ahead = statuses.map((_, step) => (from + 1 + step) % statuses.length).slice(0, -1);
  const worst = (slices: readonly number[]) =>
    slices.reduce<number | undefined>(
      (best, slice) => (best === undefined || uncertainty[slice] > uncertainty[best] ? slice : best),
      undefined,
    );
  const proposed = ahead.filter((slice) => waiting[slice]);
  const fresh = proposed.filter((slice) => !passed.has(slice));
  return (
    worst(fresh.filter((slice) => labelled[slice])) ??
    worst(fresh) ??
    worst(proposed) ??
    ahead.find((slice) => statuses[slice] !== 'accepted')
  );
}
