import type { CancelSignal } from '../../core/cancel.ts';
import type { CompareLabelsParams, CompareLabelsResult } from '../../core/protocol/engine/compare-labels.ts';
import { compareReviewers } from '../../node/cohort/comparison/agreement.ts';

/**
 * Computes the agreement of two people's label files. Surface distances of large volumes take seconds, so it is a job.
 */
export async function compareLabels(
  { pairs, labels, toleranceMm }: CompareLabelsParams,
  signal: CancelSignal,
  progress: (report: { done: number; all: number }) => void,
): Promise<CompareLabelsResult> {
  const onCase = (done: number, all: number) => progress({ done, all });
  const { cases, failed, notes } = await compareReviewers(pairs, labels, { toleranceMm, signal, onCase });
  return {
    cases: cases.map((each) => ({ ...each, labels: [...each.labels] })),
    failed: [...failed],
    notes: [...notes],
  };
}
