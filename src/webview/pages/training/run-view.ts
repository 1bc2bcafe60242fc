import { html, nothing, type TemplateResult } from 'lit';
import type { TrainingView } from '../../../core/protocol/training-page-contract.ts';
import type { TrainingCurves } from '../../../core/report/training-curves.ts';
import { MOST_DRAWN_SERIES, type ShownChart } from '../../elements/line-chart/line-chart.ts';
import { diceText, groups, rateText, timeText } from './training-words.ts';

type Running = Extract<TrainingView, { kind: 'running' }>;
type Labels = Running['labels'];

/** Shows in figures how far the training is. */
export function figuresView({ figures, stopping }: Running): TemplateResult {
  const phase = stopping
    ? stopping === 'keep'
      ? 'Stopping: the best weights until now are judged and kept'
      : 'Stopping'
    : figures === null || figures.phase === 'preparing'
      ? 'Reading the cohort'
      : figures.phase === 'training'
        ? 'Training'
        : 'Judging on the holdout';
  const fact = (name: string, value: string | null) =>
    value === null ? nothing : html`<div><dt>${name}</dt><dd>${value}</dd></div>`;
  return html`
    <p role="status"><strong>${phase}</strong></p>
    <progress max="1" .value=${figures?.fraction ?? 0} aria-label="Training"></progress>
    <dl>
      ${fact('Done', `${Math.floor(100 * (figures?.fraction ?? 0))} %`)}
      ${fact('Left', figures?.secondsLeft == null ? null : timeText(figures.secondsLeft))}
      ${fact('Epoch', figures && figures.epoch > 0 ? groups(figures.epoch) : null)}
      ${fact('Step', figures && figures.step > 0 ? groups(figures.step) : null)}
      ${fact('Loss', figures?.loss == null ? null : figures.loss.toFixed(3))}
      ${fact('Tune Dice', figures?.tuneDice == null ? null : diceText(figures.tuneDice))}
      ${fact('Best', figures?.bestTuneDice == null ? null : diceText(figures.bestTuneDice))}
    </dl>
  `;
}

export function curvesView(curves: TrainingCurves, labels: Labels): TemplateResult {
  const charts = [lossChart(curves), diceChart(curves, labels), rateChart(curves)];
  return html`<div class="charts">
    ${charts.map((chart) => html`<voxel-loop-line-chart .chart=${chart}></voxel-loop-line-chart>`)}
  </div>`;
}

function lossChart({ samples }: TrainingCurves): ShownChart {
  return {
    title: 'Training loss',
    xLabel: 'step',
    yRange: undefined,
    series: [{ name: 'mean of the last steps', points: samples.map(({ step, loss }) => [step, loss] as const) }],
    format: (loss) => loss.toFixed(3),
    empty: 'It begins with the first step.',
  };
}

function rateChart({ samples }: TrainingCurves): ShownChart {
  return {
    title: 'Learning rate',
    xLabel: 'step',
    yRange: [0, 0] as const,
    series: [{ name: 'learning rate', points: samples.map(({ step, learningRate }) => [step, learningRate] as const) }],
    format: rateText,
    empty: 'It begins with the first step.',
  };
}

/** Shows the mean and the labels that do worst, which a person most wants to see rise. */
export function diceChart({ evaluations }: TrainingCurves, labels: Labels): ShownChart {
  const mean = {
    name: 'mean',
    points: evaluations.map(({ step, tuneDice }) => [step, tuneDice ?? Number.NaN] as const),
  };
  const newest = evaluations.at(-1)?.labelDice ?? [];
  const worstFirst = labels
    .map((label, index) => ({ label, index, dice: newest[index] ?? Number.POSITIVE_INFINITY }))
    .sort((a, b) => (a.dice === b.dice ? a.index - b.index : a.dice - b.dice));
  const isDrawn = new Set(worstFirst.slice(0, MOST_DRAWN_SERIES - 1).map(({ index }) => index));
  // Drawn labels come first, each group in the order of the table: a line keeps its colour as long as the same ones are
  // drawn.
  const order = labels
    .map((_, index) => index)
    .sort((a, b) => Number(isDrawn.has(b)) - Number(isDrawn.has(a)) || a - b);
  const byLabel = order.map((index) => ({
    name: labels[index].name,
    points: evaluations.map(({ step, labelDice }) => [step, labelDice?.[index] ?? Number.NaN] as const),
  }));
  const hidden = labels.length - isDrawn.size;
  return {
    title:
      hidden > 0 ? `Dice on the tune cases (mean and the ${isDrawn.size} lowest labels)` : 'Dice on the tune cases',
    xLabel: 'step',
    yRange: [0, 1] as const,
    series: labels.length === 1 ? [{ ...mean, name: labels[0].name }] : [mean, ...byLabel],
    format: (dice) => dice.toFixed(3),
    empty:
      evaluations.length > 0
        ? 'There are too few complete cases to set some aside for it.'
        : 'The first measurement comes after ten seconds of training.',
  };
}
