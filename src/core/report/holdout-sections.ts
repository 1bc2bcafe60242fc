import type { CaseScores, LabelScores } from '../metrics/case-scores.ts';
import {
  type CohortScores,
  comesInPieces,
  type LabelSummary,
  type MetricSummary,
  type SummarisedMetric,
} from '../metrics/cohort-scores.ts';
import { countedText, countText, intervalText, mlText, mmText, percentText, scoreText, signed } from './figures.ts';
import { type Html, html } from './html.ts';
import { reportTable } from './report-table.ts';
import type { TrainingReport } from './training-report.ts';

/** The table shows so many cases at once. */
const OPEN_CASES = 10;

/** Makes the rows of the tables over cases. */
function metricRows(
  toleranceMm: number,
): readonly (readonly [title: string, metric: SummarisedMetric, format: (value: number) => string])[] {
  return [
    ['Dice', 'dice', scoreText],
    ['IoU', 'iou', scoreText],
    [`Surface Dice at ${toleranceMm} mm`, 'surfaceDice', scoreText],
    ['HD95, mm', 'hd95Mm', mmText],
    ['Hausdorff distance, mm', 'hdMm', mmText],
    ['Mean surface distance, mm', 'meanSurfaceDistanceMm', mmText],
    ['Volume error, ml', 'volumeErrorMl', (value) => signed(value, 2)],
    ['Volume error, %', 'relativeVolumeError', percentText],
    ['Voxel accuracy (see note)', 'voxelAccuracy', scoreText],
  ];
}

/** Shows the scores of the holdout's cases label by label. */
export function holdoutSection({ holdout, measuredOn, toleranceMm }: TrainingReport): Html {
  if (holdout === null) {
    return html`<p>No case judged this version, so how good this version is was not measured. Complete
at least three cases that no version has trained on.</p>`;
  }
  const { overLabels, pooledDice } = holdout;
  const labels = holdout.labels.filter(({ judged }) => judged);
  const caution =
    measuredOn === 'tune'
      ? html`<p>No complete case is held out. The network did not learn from these cases, but they chose which of its weights were
kept: expect a little less on others. Complete at least three cases that no version has trained on.</p>`
      : null;
  return html`${caution}<div class="tables">${labels.map(
    (label) => html`<div>${metricTable(
      `${label.name}, in ${countedText(label.cases, 'case')}`,
      label.metrics,
      { dice: label.pooledDice, iou: label.pooledIou },
      toleranceMm,
    )}
${oneSidedNote(label)}</div>`,
  )}
${
  labels.length > 1
    ? html`<div>${metricTable(`Mean over the ${labels.length} labels`, overLabels, { dice: pooledDice }, toleranceMm)}</div>`
    : null
}</div>
${holdout.labels.filter(({ judged }) => !judged).map(notJudgedNote)}
<p class="note">Intervals: 95 % bootstrap over cases; with few cases they are wide, and rightly so. Pooled: of all
voxels of all cases together, so large cases weigh more. Voxel accuracy is near 1 even for an empty prediction, because
nearly every voxel is background: do not judge by it. Volume errors: above 0 is too much.</p>`;
}

function metricTable(
  caption: string,
  metrics: Readonly<Record<SummarisedMetric, MetricSummary>>,
  pooled: Partial<Record<SummarisedMetric, number>>,
  toleranceMm: number,
): Html {
  return reportTable({
    caption,
    head: ['', 'Mean', '95 % interval', 'Median', 'Pooled', 'Cases'],
    rows: metricRows(toleranceMm).map(([title, metric, format]) => {
      const { mean, interval, median, cases } = metrics[metric];
      const whole = pooled[metric];
      return [
        title,
        format(mean),
        intervalText(interval, format),
        format(median),
        whole === undefined ? '' : format(whole),
        countText(cases),
      ];
    }),
  });
}

/** Says why a label is in no mean: the truth has none of it, so there is nothing to be right about. */
function notJudgedNote({ name, inventedCases }: LabelSummary): Html {
  return html`<p class="warning"><strong>${name}</strong> was not judged and is in no mean: no case that judges has it, or no case that was
learned from${inventedCases > 0 ? `. It was found in ${countedText(inventedCases, 'case')} all the same` : ''}.</p>`;
}

/** Names the cases that the mean distances do not count. */
function oneSidedNote({ name, missedCases, inventedCases }: LabelSummary): Html | null {
  if (missedCases + inventedCases === 0) return null;
  const parts = [
    ...(missedCases > 0
      ? [`was not found at all in ${countedText(missedCases, 'case')} that ${missedCases === 1 ? 'has' : 'have'} it`]
      : []),
    ...(inventedCases > 0
      ? [`was found in ${countedText(inventedCases, 'case')} that ${inventedCases === 1 ? 'has' : 'have'} none`]
      : []),
  ];
  return html`<p class="warning"><strong>${name}</strong> ${parts.join(' and ')}. There is no distance then: the mean
distances leave these cases out, and look better than the model is.</p>`;
}

/** Shows the new version beside the one that was active. */
export function comparisonSection({ version, holdout, previous, toleranceMm }: TrainingReport): Html | null {
  if (previous === null) return null;
  if (holdout === null || previous.holdout === null) {
    return html`<p>Model ${previous.version} was not measured on the same cases.</p>`;
  }
  const before = previous.holdout;
  const rows = metricRows(toleranceMm).filter(([, metric]) => ['dice', 'surfaceDice', 'hd95Mm'].includes(metric));
  const summaries = [
    ...holdout.labels.map((label) => {
      const old = before.labels.find(({ value }) => value === label.value);
      return [label.name, label.metrics, old?.metrics] as const;
    }),
    ...(holdout.labels.length > 1 ? [['mean over labels', holdout.overLabels, before.overLabels] as const] : []),
  ];
  const changes = holdout.cases.flatMap((scored) => {
    const old = before.cases.find(({ id }) => id === scored.id);
    const change = old ? scored.meanDice - old.meanDice : Number.NaN;
    return Number.isNaN(change) ? [] : [change];
  });
  const better = changes.filter((change) => change > 0).length;
  const worse = changes.filter((change) => change < 0).length;
  return html`${reportTable({
    caption: `Means on the same ${countedText(holdout.cases.length, 'case')}`,
    head: ['', '', `Model ${previous.version}`, `Model ${version}`, 'Change'],
    words: 2,
    rows: summaries.flatMap(([name, now, then]) =>
      rows.map(([title, metric, format], n) => {
        const [newMean, oldMean] = [now[metric].mean, then?.[metric].mean ?? Number.NaN];
        const digits = metric === 'hd95Mm' ? 2 : 3;
        return [n === 0 ? name : '', title, format(oldMean), format(newMean), signed(newMean - oldMean, digits)];
      }),
    ),
  })}
<p>By mean Dice, ${countedText(better, 'case is', 'cases are')} better than with model ${previous.version} and
${countText(worse)} worse: see <a href="#cases">case by case</a>.</p>`;
}

/** Shows the scores case by case, worst first; the many that are well come behind a click. */
export function casesSection(report: TrainingReport): Html | null {
  const { holdout } = report;
  if (holdout === null || holdout.cases.length === 0) return null;
  const worstFirst = [...holdout.cases].sort((a, b) => rank(a) - rank(b));
  if (worstFirst.length <= 2 * OPEN_CASES) return caseTable('All cases, worst mean Dice first', worstFirst, report);
  const rest = worstFirst.slice(OPEN_CASES);
  return html`${caseTable(`The ${OPEN_CASES} cases with the worst mean Dice`, worstFirst.slice(0, OPEN_CASES), report)}
<details><summary>The other ${countedText(rest.length, 'case')}</summary>
${caseTable('The other cases, worst mean Dice first', rest, report)}</details>`;
}

function caseTable(
  caption: string,
  cases: readonly CaseScores[],
  { holdout, previous, toleranceMm }: TrainingReport,
): Html {
  const before = previous?.holdout ?? null;
  const several = (holdout?.labels.length ?? 0) > 1;
  return reportTable({
    caption,
    head: [
      'Case',
      'Label',
      'Dice',
      ...(before ? ['Change'] : []),
      'IoU',
      'HD95, mm',
      `Surface Dice at ${toleranceMm} mm`,
      'Truth, ml',
      'Volume error, ml',
      'Volume error, %',
    ],
    words: 2,
    rows: cases.flatMap((scored) => {
      const old = before?.cases.find(({ id }) => id === scored.id);
      const mean = [
        scored.id,
        'mean',
        html`<strong>${scoreText(scored.meanDice)}</strong>`,
        ...(before ? [signed(scored.meanDice - (old?.meanDice ?? Number.NaN), 3)] : []),
        ...new Array<string>(6).fill(''),
      ];
      const labels = scored.labels.map((label) => {
        const oldDice = old?.labels.find(({ value }) => value === label.value)?.dice ?? Number.NaN;
        return [several ? '' : scored.id, label.name, ...labelCells(label, before ? oldDice : undefined)];
      });
      return several ? [mean, ...labels] : labels;
    }),
  });
}

/** Ranks a case by its mean Dice; cases without any score come last. */
function rank({ meanDice }: CaseScores): number {
  return Number.isNaN(meanDice) ? 2 : meanDice;
}

/** @param oldDice undefined where the table has no column for it */
function labelCells(scores: LabelScores, oldDice: number | undefined): string[] {
  return [
    scoreText(scores.dice),
    ...(oldDice === undefined ? [] : [signed(scores.dice - oldDice, 3)]),
    scoreText(scores.iou),
    mmText(scores.hd95Mm),
    scoreText(scores.surfaceDice),
    mlText(scores.truthMl),
    signed(scores.volumeErrorMl, 2),
    percentText(scores.relativeVolumeError),
  ];
}

/** Shows lesions by size, where lesions are what is to be found (see `comesInPieces`). */
export function lesionsSection(holdout: CohortScores | null): Html | null {
  const labels = holdout?.labels.filter(comesInPieces) ?? [];
  if (labels.length === 0) return null;
  return html`${labels.map(({ name, lesions }) =>
    reportTable({
      caption: `${name}: ${countedText(lesions.truthLesions, 'lesion')}, F1 ${scoreText(lesions.f1)}`,
      head: [
        'Diameter',
        'Volume, mm³',
        'True',
        'Found',
        'Recall',
        '95 % interval',
        'Predicted',
        'Precision',
        '95 % interval',
        'Dice of found',
        'IoU of found',
      ],
      words: 2,
      rows: [
        ...lesions.bins.map((bin) => [
          bin.name,
          volumeRange(bin.minMm3, bin.maxMm3),
          ...lesionCells(bin),
          scoreText(bin.meanFoundDice),
          scoreText(bin.meanFoundIou),
        ]),
        ['All', '', ...lesionCells(lesions), '', ''],
      ],
    }),
  )}
<p class="note">A lesion is a connected piece of a label (26 neighbours); it counts as found if the prediction touches it
with one voxel. True lesions are sorted by their true size, predicted ones by their predicted size; the diameter is that of
a ball with the same volume.</p>`;
}

function lesionCells(counted: LabelSummary['lesions'] | LabelSummary['lesions']['bins'][number]): string[] {
  return [
    countText(counted.truthLesions),
    countText(counted.foundLesions),
    scoreText(counted.recall),
    intervalText(counted.recallInterval, (value) => value.toFixed(2)),
    countText(counted.predictedLesions),
    scoreText(counted.precision),
    intervalText(counted.precisionInterval, (value) => value.toFixed(2)),
  ];
}

function volumeRange(minMm3: number, maxMm3: number): string {
  const [from, to] = [countText(Math.round(minMm3)), countText(Math.round(maxMm3))];
  if (minMm3 === 0) return `below ${to}`;
  return Number.isFinite(maxMm3) ? `${from} to ${to}` : `from ${from}`;
}
