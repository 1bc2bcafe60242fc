import type { OverlapCounter } from '../../metrics/overlap-counter.ts';
import { dice } from '../../metrics/overlap-scores.ts';

/**
 * Returns the Dice of each label of one case, background left out. It is null (NaN does not survive JSON) where the
 * label is in neither mask.
 */
export function caseDice(counter: OverlapCounter): (number | null)[] {
  return Array.from({ length: counter.labelCount - 1 }, (_, index) => {
    const value = dice(counter.counts(index + 1));
    return Number.isNaN(value) ? null : value;
  });
}

/** Returns the mean of the values that are defined; it is null if none is. */
export function meanDefined(values: readonly (number | null)[]): number | null {
  const defined = values.filter((value) => value !== null);
  return defined.length === 0 ? null : defined.reduce((sum, value) => sum + value, 0) / defined.length;
}
