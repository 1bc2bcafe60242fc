import type { ModelCard } from './cohort-record.ts';

/**
 * Values of the labels that a version has learned: of those that its training cases show, or its parent's. What it has not learned is not judged by
 * it: a Dice of 0 would say that it was tried. A card of an earlier version does not tell: then it is all of its labels.
 */
export function learntLabels({
  labels,
  data,
  metrics,
}: Pick<ModelCard, 'labels' | 'data' | 'metrics'>): ReadonlySet<number> {
  return new Set(data.learnt ?? [...labels.slice(1), ...(metrics.holdout?.labels ?? [])].map(({ value }) => value));
}

/** What both have learned: two versions are compared by nothing else. */
export function learntByBoth(ours: ReadonlySet<number>, others: ReadonlySet<number>): ReadonlySet<number> {
  return new Set([...ours].filter((value) => others.has(value)));
}
