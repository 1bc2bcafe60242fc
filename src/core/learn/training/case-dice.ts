import type { OverlapCounter } from '../../metrics/overlap-counter.ts';
import { dice } from '../../metrics/overlap-scores.ts';

/** Dice of each label of one case, background left out; null (NaN does not survive JSON) where it is in neither mask. */
export function caseDice(counter: OverlapCounter): (number | null)[] {
  return Array.from({ length: counter.labelCount - 1 }, (_, index) => {
    const value = dice(counter.counts(index + 1));
    return Number.isNaN(value) ? null : value;
  });
}

/** The mean of what is defined; null if nothing is. */
export function meanDefined(values: readonly (number | null)[]): number | null {
  const defined = values.filter((value) => value !== null);
  return defined.length === 0 ? null : defined.reduce((sum, value) => sum + value, 0) / defined.length;
}
