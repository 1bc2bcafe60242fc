import { bootstrapInterval, type Interval } from './bootstrap.ts';
import type { CaseScores, LabelScores, LesionCounts, LesionRates, ScoredLabel } from './case-scores.ts';
import { LESION_BINS } from './lesion-bins.ts';
import { lesionRates, lesionTotals } from './lesion-scores.ts';
import type { OverlapCounts } from './overlap-counter.ts';
import { definedMean, dice, iou } from './overlap-scores.ts';
import { quantile } from './quantile.ts';

/** These scores are averaged over cases. */
export const SUMMARISED = [
  'dice',
  'iou',
  'voxelAccuracy',
  'hd95Mm',
  'hdMm',
  'meanSurfaceDistanceMm',
  'surfaceDice',
  'volumeErrorMl',
  'relativeVolumeError',
] as const satisfies readonly (keyof LabelScores)[];
export type SummarisedMetric = (typeof SUMMARISED)[number];

/** One metric, summarised over cases. */
export interface MetricSummary {
  /** The mean over the cases where the metric is defined and finite. */
  readonly mean: number;
  /** 95 % bootstrap interval of the mean. */
  readonly interval: Interval;
  /** The median over the cases where the metric is defined; an infinite distance counts as larger than any other. */
  readonly median: number;
  /** So many cases are in the mean. */
  readonly cases: number;
  /**
   * So many cases have an infinite distance, because the label is in one mask only. They are not in the mean, so read
   * it beside this count.
   */
  readonly infiniteCases: number;
}

/** The lesions of all cases together, of one range of sizes or of all. */
export interface PooledLesions extends LesionCounts, LesionRates {
  /** The intervals are 95 % bootstrap intervals over cases. */
  readonly recallInterval: Interval;
  readonly precisionInterval: Interval;
}

export interface PooledLesionBin extends PooledLesions {
  readonly name: string;
  readonly minMm3: number;
  /** It is infinite for the last bin. */
  readonly maxMm3: number;
  /** The means are over all found lesions. */
  readonly meanFoundDice: number;
  readonly meanFoundIou: number;
}

/** The scores of one label over all cases. */
export interface LabelSummary extends ScoredLabel {
  /**
   * It is false where the truth of no case has the label, so that there is nothing to be right about. Its means are NaN
   * then, and it is in no mean over labels: a Dice of 0 for each case in which it was invented would say how good the
   * others are. `inventedCases` counts those cases.
   */
  readonly judged: boolean;
  /** The mean over the cases where Dice is defined: every case counts the same. */
  readonly meanDice: number;
  readonly meanIou: number;
  /** The Dice of all cases' voxels together: every voxel counts the same. */
  readonly pooledDice: number;
  readonly pooledIou: number;
  /** This counts the cases in which the label is in at least one of the two masks. */
  readonly cases: number;
  /**
   * This counts the cases in which the label is in the truth and was not predicted at all; `inventedCases` counts the
   * reverse.
   */
  readonly missedCases: number;
  readonly inventedCases: number;
  readonly metrics: Readonly<Record<SummarisedMetric, MetricSummary>>;
  readonly lesions: PooledLesions & {
    readonly f1: number;
    /** The bins are in the order of `LESION_BINS`. */
    readonly bins: readonly PooledLesionBin[];
    /** The most lesions that the truth of one case has. Above 1, the label is one of lesions and not of an organ. */
    readonly mostInOneCase: number;
  };
}

export interface CohortScores {
  readonly cases: readonly CaseScores[];
  readonly labels: readonly LabelSummary[];
  /** The mean of `CaseScores.meanDice` over the cases where it is defined. */
  readonly meanDice: number;
  /** The Dice of all voxels of all judged labels together, each label counted for itself. */
  readonly pooledDice: number;
  /**
   * Each case's mean over its labels is taken where it is defined, and summarised over cases. A case of which one mask
   * lacks a label has an infinite mean distance: it is not nearer for having missed one.
   */
  readonly overLabels: Readonly<Record<SummarisedMetric, MetricSummary>>;
}

/**
 * Scores a cohort; only judged labels count in the cases' `meanDice`.
 * @param scored all cases with the same labels in the same order
 */
export function scoreCohort(scored: readonly CaseScores[]): CohortScores {
  const labels = (scored[0]?.labels ?? []).map((label, index) =>
    summariseLabel(
      label,
      scored.map((each) => each.labels[index]),
    ),
  );
  const judged = ({ labels: ofCase }: CaseScores) => ofCase.filter((_, index) => labels[index].judged);
  const meanOver = (of: CaseScores, metric: SummarisedMetric) => definedMean(judged(of).map((label) => label[metric]));
  const cases = scored.map((each) => ({ ...each, meanDice: meanOver(each, 'dice') }));
  return {
    cases,
    labels,
    meanDice: definedMean(cases.map((each) => each.meanDice)),
    pooledDice: dice(pool(cases.flatMap(judged))),
    overLabels: summariseMetrics((metric) => cases.map((each) => meanOver(each, metric))),
  };
}

function summariseLabel({ value, name }: ScoredLabel, scores: readonly LabelScores[]): LabelSummary {
  const judged = scores.some(({ truthVoxels }) => truthVoxels > 0);
  const ifJudged = (score: number) => (judged ? score : Number.NaN);
  const pooled = pool(scores);
  const bins = LESION_BINS.map((bin, index): PooledLesionBin => {
    const ofCases = scores.map(({ lesions }) => lesions.bins[index]);
    const pooledBin = poolLesions(ofCases);
    const meanOfFound = (score: (bin: (typeof ofCases)[number]) => number) =>
      ofCases.reduce((sum, each) => sum + (each.foundLesions > 0 ? score(each) * each.foundLesions : 0), 0) /
      pooledBin.foundLesions;
    return {
      ...bin,
      ...pooledBin,
      meanFoundDice: meanOfFound((each) => each.meanFoundDice),
      meanFoundIou: meanOfFound((each) => each.meanFoundIou),
    };
  });
  const lesions = scores.map((score) => score.lesions);
  return {
    value,
    name,
    judged,
    meanDice: ifJudged(definedMean(scores.map((score) => score.dice))),
    meanIou: ifJudged(definedMean(scores.map((score) => score.iou))),
    pooledDice: ifJudged(dice(pooled)),
    pooledIou: ifJudged(iou(pooled)),
    cases: scores.filter((score) => score.predictionVoxels + score.truthVoxels > 0).length,
    missedCases: scores.filter((score) => score.truthVoxels > 0 && score.predictionVoxels === 0).length,
    inventedCases: scores.filter((score) => score.truthVoxels === 0 && score.predictionVoxels > 0).length,
    metrics: summariseMetrics((metric) => scores.map((score) => ifJudged(score[metric]))),
    lesions: {
      ...poolLesions(lesions),
      f1: lesionTotals(lesions).f1,
      bins,
      mostInOneCase: lesions.reduce((most, { truthLesions }) => Math.max(most, truthLesions), 0),
    },
  };
}

/**
 * Says whether a table of pieces by size is of use: some case truly has several, or pieces were missed or invented.
 * Where each case has one that is found in one piece, the label is an organ and its Dice says it all.
 */
export function comesInPieces({ lesions }: LabelSummary): boolean {
  const { mostInOneCase, truthLesions, foundLesions, predictedLesions } = lesions;
  return mostInOneCase > 1 || foundLesions < truthLesions || predictedLesions > truthLesions;
}

function summariseMetrics(
  valuesOf: (metric: SummarisedMetric) => readonly number[],
): Readonly<Record<SummarisedMetric, MetricSummary>> {
  return Object.fromEntries(SUMMARISED.map((metric) => [metric, summarise(valuesOf(metric))])) as Record<
    SummarisedMetric,
    MetricSummary
  >;
}

/** @param values one value per case, NaN where the metric is not defined there */
export function summarise(values: readonly number[]): MetricSummary {
  const defined = Float64Array.from(values.filter((value) => !Number.isNaN(value)));
  const finite = defined.filter(Number.isFinite);
  const interval = bootstrapInterval(finite.length, (indices) => {
    let sum = 0;
    for (const index of indices) sum += finite[index];
    return sum / indices.length;
  });
  return {
    mean: definedMean([...finite]),
    interval,
    median: quantile(defined.sort(), 0.5),
    cases: finite.length,
    infiniteCases: defined.length - finite.length,
  };
}

function poolLesions(ofCases: readonly LesionCounts[]): PooledLesions {
  const { truthLesions, foundLesions, predictedLesions, matchedLesions } = lesionTotals(ofCases);
  const counts: LesionCounts = { truthLesions, foundLesions, predictedLesions, matchedLesions };
  const ratio = (numerator: keyof LesionCounts, denominator: keyof LesionCounts) =>
    bootstrapInterval(ofCases.length, (indices) => {
      let [top, bottom] = [0, 0];
      for (const index of indices) {
        top += ofCases[index][numerator];
        bottom += ofCases[index][denominator];
      }
      return top / bottom;
    });
  return {
    ...counts,
    ...lesionRates(counts),
    recallInterval: ratio('foundLesions', 'truthLesions'),
    precisionInterval: ratio('matchedLesions', 'predictedLesions'),
  };
}

function pool(scores: readonly LabelScores[]): OverlapCounts {
  let [prediction, truth, both] = [0, 0, 0];
  for (const score of scores) {
    prediction += score.predictionVoxels;
    truth += score.truthVoxels;
    both += score.bothVoxels;
  }
  return { prediction, truth, both };
}
