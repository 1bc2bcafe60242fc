import type { SliceSignals } from './slice-signals.ts';

/**
 * What is gained where a person looks at a slice: the share of what it shows that is expected to be wrong (Dice error,
 * 0..1).
 */
export function expectedGain({
  uncertainty,
  disagreement,
}: Pick<SliceSignals, 'uncertainty' | 'disagreement'>): number {
  return disagreement === null ? uncertainty : (uncertainty + disagreement) / 2;
}
