import { countedText, countText, scoreText } from './figures.ts';
import { Html, html } from './html.ts';
import { lineChartSvg } from './line-chart.ts';
import { reportTable } from './report-table.ts';
import type { ReportedCase, TrainingReport } from './training-report.ts';

/** Shows loss, Dice on the tune cases and learning rate by step, as charts and as a table. */
export function curvesSection({ curve, bestStep, epochs, steps, ended }: TrainingReport): Html {
  const said = html`<p>${countedText(steps, 'step')} in ${countedText(epochs, 'epoch')}. ${ended}</p>`;
  if (curve.length === 0) return said;
  const mark = bestStep === null ? undefined : { x: bestStep, name: 'kept' };
  const points = (value: (point: TrainingReport['curve'][number]) => number | null) =>
    curve.map((point) => [point.step, value(point) ?? Number.NaN] as const);
  const chart = (title: string, yLabel: string, value: Parameters<typeof points>[0], yRange?: [number, number]) =>
    new Html(
      lineChartSvg({ title, xLabel: 'step', yLabel, series: [{ name: yLabel, points: points(value) }], mark, yRange }),
    );
  const tuned = curve.some(({ tuneDice }) => tuneDice !== null);
  return html`${said}
<div class="charts">
${chart('Training loss', 'loss', ({ loss }) => loss)}
${tuned ? chart('Dice on the tune cases', 'Dice', ({ tuneDice }) => tuneDice, [0, 1]) : null}
${chart('Learning rate', 'learning rate', ({ learningRate }) => learningRate, [0, 0])}
</div>
<details><summary>The figures of the curves</summary>
${reportTable({
  caption: 'By evaluation',
  head: ['Step', 'Loss', 'Dice on tune cases', 'Learning rate'],
  rows: curve.map(({ step, loss, tuneDice, learningRate }) => [
    html`${countText(step)}${step === bestStep ? ' (kept)' : ''}`,
    loss.toFixed(4),
    scoreText(tuneDice ?? Number.NaN),
    learningRate.toPrecision(3),
  ]),
})}</details>`;
}

export function planSection({ planSentences, plan }: TrainingReport): Html {
  return html`<ul>${planSentences.map((sentence) => html`<li>${sentence}</li>`)}</ul>
<details><summary>The whole plan as JSON</summary><pre>${JSON.stringify(plan, null, 2)}</pre></details>`;
}

const SETS = ['train', 'tune', 'holdout'] as const;

const SET_MEANING: Readonly<Record<ReportedCase['set'], string>> = {
  train: 'the network learns from them',
  tune: 'choose when to stop and which weights to keep',
  holdout: 'only judge; no version ever learned from them',
};

/** Shows what was learned from: sets, sizes, spacings, voxels by label. */
export function dataSection({ cases, labels, dataFingerprint }: TrainingReport): Html {
  const rows = SETS.map((set) => ({ set, of: cases.filter((found) => found.set === set) }));
  return html`${reportTable({
    caption: 'The three sets; whole cases, never slices of one in two sets',
    head: ['Set', '', 'Cases', 'Slices that count', ...labels.map(({ name }) => html`${name}, voxels`)],
    words: 2,
    rows: rows.map(({ set, of }) => [
      set,
      SET_MEANING[set],
      countText(of.length),
      countText(of.reduce((sum, { countedSlices }) => sum + countedSlices, 0)),
      ...labels.map((_, n) => countText(of.reduce((sum, { labelVoxels }) => sum + (labelVoxels[n] ?? 0), 0))),
    ]),
  })}
${spacingTable(cases)}
<p>Fingerprint of the images and label maps that trained and tuned: <code>${dataFingerprint}</code>. Two versions with one
fingerprint saw the same data.</p>
${rows.map(
  ({ set, of }) => html`<details><summary>${set}: ${countedText(of.length, 'case')}</summary>
${of.length === 0 ? null : caseTable(set, of, labels)}</details>
`,
)}`;
}

function spacingTable(cases: readonly ReportedCase[]): Html | null {
  if (cases.length === 0) return null;
  const range = (values: readonly number[], unit: string) => {
    const sorted = [...values].sort((a, b) => a - b);
    return [sorted[0], sorted[Math.floor((sorted.length - 1) / 2)], sorted[sorted.length - 1]].map(
      (value) => `${Number(value.toPrecision(4))}${unit}`,
    );
  };
  const axes = ['i', 'j', 'k'] as const;
  return reportTable({
    caption: 'Voxels of all cases, along the axes of the files',
    head: ['', 'Least', 'Median', 'Most'],
    rows: [
      ...axes.map((axis, n) => [
        `Spacing along ${axis}`,
        ...range(
          cases.map(({ spacingMm }) => spacingMm[n]),
          ' mm',
        ),
      ]),
      ...axes.map((axis, n) => [
        `Voxels along ${axis}`,
        ...range(
          cases.map(({ shape }) => shape[n]),
          '',
        ),
      ]),
    ],
  });
}

function caseTable(set: string, cases: readonly ReportedCase[], labels: TrainingReport['labels']): Html {
  return reportTable({
    caption: `Cases of ${set}`,
    head: ['Case', 'Voxels', 'Spacing, mm', 'Slices that count', ...labels.map(({ name }) => html`${name}, voxels`)],
    words: 1,
    rows: cases.map(({ id, shape, spacingMm, countedSlices, slices, labelVoxels }) => [
      id,
      shape.join(' × '),
      spacingMm.map((spacing) => Number(spacing.toPrecision(3))).join(' × '),
      `${countText(countedSlices)} of ${countText(slices)}`,
      ...labels.map((_, n) => countText(labelVoxels[n] ?? 0)),
    ]),
  });
}
