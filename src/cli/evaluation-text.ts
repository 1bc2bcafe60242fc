import type { CaseScores } from '../core/metrics/case-scores.ts';
import {
  comesInPieces,
  type LabelSummary,
  type MetricSummary,
  type SummarisedMetric,
} from '../core/metrics/cohort-scores.ts';
import type { Evaluation } from '../node/cohort/comparison/evaluate-folders.ts';
import { formatScore, textTable } from './text-table.ts';

/** The text lists so many cases; the JSON has all. */
const WORST_CASES = 10;

/**
 * Writes an evaluation for a terminal: a table per label, the worst cases, and lesions by size where labels are
 * lesions.
 */
export function evaluationText(evaluation: Evaluation): string {
  const { cases, labels, overLabels, meanDice, pooledDice, toleranceMm } = evaluation;
  const interval = intervalText(overLabels.dice.interval, formatScore);
  const blocks = labels.map((label) => labelBlock(label, toleranceMm));
  const judged = labels.filter((label) => label.judged);
  if (judged.length > 1) {
    const pooled = { dice: pooledDice };
    blocks.push(`Mean over the ${judged.length} labels\n${metricTable(overLabels, pooled, toleranceMm)}`);
  }
  return [
    ...blocks,
    worstCases(cases, labels),
    ...labels.filter(comesInPieces).map(lesionBlock),
    `Mean Dice ${formatScore(meanDice)}${interval === '-' ? '' : ` ${interval}`} over ${plural(cases.length, 'case')}`,
  ].join('\n\n');
}

function labelBlock(label: LabelSummary, toleranceMm: number): string {
  const { name, value, cases, missedCases, inventedCases } = label;
  const pooled = { dice: label.pooledDice, iou: label.pooledIou };
  if (cases === 0) return `${name} (${value}): in no case, neither true nor predicted`;
  if (!label.judged) {
    return `${name} (${value}): not judged and in no mean, because the truth of no case has it; predicted in ${plural(inventedCases, 'case')}`;
  }
  const notes: string[] = [];
  if (missedCases > 0) notes.push(`not predicted at all in ${plural(missedCases, 'case')} that ${has(missedCases)} it`);
  if (inventedCases > 0) notes.push(`predicted in ${plural(inventedCases, 'case')} that ${has(inventedCases)} none`);
  return [
    `${name} (${value}), in ${plural(cases, 'case')}`,
    metricTable(label.metrics, pooled, toleranceMm),
    ...(notes.length > 0 ? [`${notes.join(', ')}: no distance there, and Dice 0`] : []),
  ].join('\n');
}

function has(cases: number): string {
  return cases === 1 ? 'has' : 'have';
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

const mm = (value: number) => formatNumber(value, 2);
const ml = (value: number) => formatNumber(value, 3);
const percent = (value: number) => formatNumber(100 * value, 1);

function metricTable(
  metrics: Readonly<Record<SummarisedMetric, MetricSummary>>,
  pooled: Partial<Record<SummarisedMetric, number>>,
  toleranceMm: number,
): string {
  const rows: readonly (readonly [string, SummarisedMetric, (value: number) => string])[] = [
    ['Dice', 'dice', formatScore],
    ['IoU', 'iou', formatScore],
    [`surface Dice at ${toleranceMm} mm`, 'surfaceDice', formatScore],
    ['HD95, mm', 'hd95Mm', mm],
    ['HD, mm', 'hdMm', mm],
    ['mean surface distance, mm', 'meanSurfaceDistanceMm', mm],
    ['volume error, ml', 'volumeErrorMl', ml],
    ['volume error, %', 'relativeVolumeError', percent],
    ['voxel accuracy (mostly background)', 'voxelAccuracy', formatScore],
  ];
  return textTable([
    ['', 'mean', '95 % interval', 'median', 'pooled', 'cases'],
    ...rows.map(([title, metric, format]) => {
      const { mean, interval, median, cases } = metrics[metric];
      const whole = pooled[metric];
      return [
        `  ${title}`,
        format(mean),
        intervalText(interval, format),
        format(median),
        whole === undefined ? '' : format(whole),
        String(cases),
      ];
    }),
  ]);
}

function worstCases(cases: readonly CaseScores[], labels: readonly LabelSummary[]): string {
  const worst = [...cases].sort((a, b) => rank(a) - rank(b)).slice(0, WORST_CASES);
  const title =
    cases.length > WORST_CASES
      ? `The ${WORST_CASES} worst of ${cases.length} cases by Dice (--json has all)`
      : 'Cases by Dice, worst first';
  const table = textTable([
    ['case', ...labels.map(({ value, name }) => `${name} (${value})`), 'mean', 'largest HD95, mm'],
    ...worst.map(({ id, labels: scores, meanDice }) => [
      id,
      ...scores.map(({ dice }) => formatScore(dice)),
      formatScore(meanDice),
      mm(Math.max(...scores.map(({ hd95Mm }) => hd95Mm).filter((value) => !Number.isNaN(value)))),
    ]),
  ]);
  return `${title}\n${table}`;
}

/** Cases without any score come last. */
function rank({ meanDice }: CaseScores): number {
  return Number.isNaN(meanDice) ? 2 : meanDice;
}

function lesionBlock({ name, value, lesions }: LabelSummary): string {
  const row = (title: string, counted: LabelSummary['lesions'] | LabelSummary['lesions']['bins'][number]) => [
    `  ${title}`,
    String(counted.truthLesions),
    formatScore(counted.recall),
    intervalText(counted.recallInterval, short),
    String(counted.predictedLesions),
    formatScore(counted.precision),
    intervalText(counted.precisionInterval, short),
  ];
  const table = textTable([
    ['  diameter', 'true', 'recall', '95 %', 'predicted', 'precision', '95 %', 'Dice', 'IoU'],
    ...lesions.bins.map((bin) => [
      ...row(bin.name, bin),
      formatScore(bin.meanFoundDice),
      formatScore(bin.meanFoundIou),
    ]),
    [...row('all', lesions), '', ''],
  ]);
  return `Lesions of ${name} (${value}) by size, F1 ${formatScore(lesions.f1)}; Dice and IoU are of the found ones\n${table}`;
}

const short = (value: number) => formatNumber(value, 2);

/** Writes an interval, for instance "[0.80, 0.90]"; "-" stands for none. */
function intervalText([low, high]: readonly [number, number], format: (value: number) => string): string {
  return Number.isNaN(low) || Number.isNaN(high) ? '-' : `[${format(low)}, ${format(high)}]`;
}

/** Writes a number; "-" stands for one that is not defined or infinite. */
function formatNumber(value: number, digits: number): string {
  if (!Number.isFinite(value)) return '-';
  const text = value.toFixed(digits);
  return Number(text) === 0 ? (0).toFixed(digits) : text;
}
