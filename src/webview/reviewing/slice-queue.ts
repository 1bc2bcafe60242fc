import type { SliceStatus } from './review-summary.ts';

/** What the order of review depends on, by slice along the review axis. */
export interface SlicesToReview {
  readonly statuses: readonly SliceStatus[];
  /** Whether something of the proposal waits on the slice. */
  readonly waiting: readonly boolean[];
  /** By slice: the proposal has a label there. */
  readonly labelled: readonly boolean[];
  /** From 0 (certain) up. */
  readonly uncertainty: ArrayLike<number>;
  /** Slices that the user has seen and left undecided. */
  readonly passed: ReadonlySet<number>;
}

/**
 * Which slice to review after `from`: of those on which a proposal waits with labels the most uncertain one (of equals the nearest
 * ahead, wrapping round), then of those that it says are empty; those that were passed over come again when all others are done. Where nothing else waits, the
 * nearest slice ahead that is not accepted. Undefined: there is no other slice to review.
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
