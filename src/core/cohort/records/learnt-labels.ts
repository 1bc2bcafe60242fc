import type { ModelCard } from './cohort-record.ts';

/**
 * Returns the values of the labels that a version has learned: those that its training cases show, or its parent's. It
 * is not judged by a label that it has not learned: a Dice of 0 would say that it was tried. A card of an earlier
 * version does not tell which it has learned, so that all of its labels are taken.
 */
export function learntLabels({
  labels,
  data,
  metrics,
}: Pick<ModelCard, 'labels' | 'data' | 'metrics'>): ReadonlySet<number> {
  return new Set(data.learnt ?? [...labels.slice(1), ...(metrics.holdout?.labels ?? [])].map(({ value }) => value));
}

/** Returns the labels that both have learned: two versions are compared by nothing else. */
export function learntByBoth(ours: ReadonlySet<number>, others: ReadonlySet<number>): ReadonlySet<number> {
  return new Set([...ours].filter((value) => others.has(value)));
}
