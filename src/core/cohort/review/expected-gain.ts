import type { SignalColumns, SliceSignals } from '../../case/state/slice-signals.ts';

/**
 * Computes what is gained where a person looks at a slice: the share of what it shows that is expected to be wrong
 * (Dice error, 0..1). It is the worse of what the network's own doubt and the disagreement of its opinions say:
 *
 *     gain = max(uncertainty, disagreement)
 *
 * Both are on that scale already, and each sees what the other misses: a network that is unsure in every view alike,
 * and views that are sure of different things (a structure that one of them misses). It was measured on hippocampus
 * (`npm run bench -- uncertainty`; docs/measurements/uncertainty.md): the larger of the two orders slices better than
 * either and than their mean. The distance from the training data does not order slices and takes no part; size takes
 * part in both signals, because a small mask suffers more from the same doubt, and as a factor it would only put large
 * slices first.
 */
export function expectedGain({
  uncertainty,
  disagreement,
}: Pick<SliceSignals, 'uncertainty' | 'disagreement'>): number {
  return Math.max(uncertainty, disagreement ?? 0);
}

/** Computes the same for every slice. */
export function expectedGains({
  uncertainty,
  disagreement,
}: Pick<SignalColumns, 'uncertainty' | 'disagreement'>): number[] {
  return uncertainty.map((each, slice) =>
    expectedGain({ uncertainty: each, disagreement: disagreement?.[slice] ?? null }),
  );
}
