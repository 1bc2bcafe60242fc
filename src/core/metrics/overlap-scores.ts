import type { OverlapCounter, OverlapCounts } from './overlap-counter.ts';

/**
 * Dice similarity coefficient `2 |A and B| / (|A| + |B|)` (Dice 1945). NaN where the label is absent from both masks:
 * there is nothing to be right or wrong about, and calling it 1 would let empty cases lift a mean (as nnU-Net has it).
 */
export function dice({ prediction, truth, both }: OverlapCounts): number {
  return (2 * both) / (prediction + truth);
}

/** Intersection over union (Jaccard 1901) `|A and B| / |A or B|`. NaN where the label is absent from both masks. */
export function iou({ prediction, truth, both }: OverlapCounts): number {
  return both / (prediction + truth - both);
}

/** A label by its value in files. */
export interface ScoredLabel {
  readonly value: number;
  readonly name: string;
}

/** One label of one case. */
export interface LabelScore extends ScoredLabel {
  readonly dice: number;
  readonly iou: number;
  readonly predictionVoxels: number;
  readonly truthVoxels: number;
  /** Voxels that have the label in both. */
  readonly bothVoxels: number;
  readonly predictionMl: number;
  readonly truthMl: number;
}

export interface CaseScore {
  readonly id: string;
  readonly labels: readonly LabelScore[];
  /** Mean Dice of the labels for which it is defined; NaN if for none. */
  readonly meanDice: number;
}

/** One label over all cases. */
export interface LabelSummary extends ScoredLabel {
  /** Mean over the cases where it is defined: every case counts the same. */
  readonly meanDice: number;
  readonly meanIou: number;
  /** Of all cases' voxels together: every voxel counts the same. */
  readonly pooledDice: number;
  readonly pooledIou: number;
  /** Cases in which the label is in at least one of the two masks. */
  readonly cases: number;
}

export interface CohortScore {
  readonly cases: readonly CaseScore[];
  readonly labels: readonly LabelSummary[];
  /** Mean over cases of `CaseScore.meanDice`, where defined. */
  readonly meanDice: number;
}

/**
 * Scores of one case.
 *
 * @param counter what was counted, label by dense label. Those it does not have are absent from both masks
 * @param labels by dense label, from 1 on: `labels[0]` is dense label 1; background gets no score
 * @param voxelVolumeMm3 volume of one voxel
 */
export function scoreCase(
  id: string,
  counter: OverlapCounter,
  labels: readonly ScoredLabel[],
  voxelVolumeMm3: number,
): CaseScore {
  const scores = labels.map(({ value, name }, index): LabelScore => {
    const counts = index + 1 < counter.labelCount ? counter.counts(index + 1) : { prediction: 0, truth: 0, both: 0 };
    return {
      value,
      name,
      dice: dice(counts),
      iou: iou(counts),
      predictionVoxels: counts.prediction,
      truthVoxels: counts.truth,
      bothVoxels: counts.both,
      predictionMl: (counts.prediction * voxelVolumeMm3) / 1000,
      truthMl: (counts.truth * voxelVolumeMm3) / 1000,
    };
  });
  return { id, labels: scores, meanDice: definedMean(scores.map((score) => score.dice)) };
}

/** Scores of a cohort. @param cases all with the same labels in the same order */
export function scoreCohort(cases: readonly CaseScore[]): CohortScore {
  const labels = (cases[0]?.labels ?? []).map(({ value, name }, index): LabelSummary => {
    const scores = cases.map((scored) => scored.labels[index]);
    const pooled = pool(scores);
    return {
      value,
      name,
      meanDice: definedMean(scores.map((score) => score.dice)),
      meanIou: definedMean(scores.map((score) => score.iou)),
      pooledDice: dice(pooled),
      pooledIou: iou(pooled),
      cases: scores.filter((score) => !Number.isNaN(score.dice)).length,
    };
  });
  return { cases, labels, meanDice: definedMean(cases.map((scored) => scored.meanDice)) };
}

/** Mean of the values that are not NaN; NaN if there are none. */
export function definedMean(values: readonly number[]): number {
  const defined = values.filter((value) => !Number.isNaN(value));
  return defined.reduce((sum, value) => sum + value, 0) / defined.length;
}

function pool(scores: readonly LabelScore[]): OverlapCounts {
  let [prediction, truth, both] = [0, 0, 0];
  for (const score of scores) {
    prediction += score.predictionVoxels;
    truth += score.truthVoxels;
    both += score.bothVoxels;
  }
  return { prediction, truth, both };
}
