import { writeFileSync } from 'node:fs';
import { lineChartSvg } from '../../src/core/report/line-chart.ts';
import type { RecordedRun } from './recorded-run.ts';

/** At most as many as a chart can tell apart. */
const MOST_LINES = 5;

/** Draws the tune Dice of runs over their steps as an SVG picture. */
export function writeLearningCurves(file: string, title: string, runs: readonly RecordedRun[]): void {
  const series = runs.slice(0, MOST_LINES).map((run) => ({
    name: `${run.preset}${run.plan === '' ? '' : ` ${run.plan}`}, ${run.cases} cases, ${run.minutes} min`,
    // Over the run's own time: steps of different networks are of different worth.
    points: run.history.flatMap(({ step, tuneDice }) =>
      tuneDice === null ? [] : [[(run.minutes * step) / run.steps, tuneDice] as const],
    ),
  }));
  writeFileSync(
    file,
    `${lineChartSvg({
      title,
      xLabel: 'minutes',
      yLabel: 'tune Dice',
      series,
      yRange: [0, 1],
      width: 860,
      height: 380,
    })}\n`,
  );
}
