import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { writeLearningCurves } from './learning-curves.ts';
import { writeIntoPage } from './marked-page.ts';
import type { RecordedRun } from './recorded-run.ts';

const FOLDER = path.join('docs', 'measurements');

/** The runs of a bench: `docs/measurements/NAME.json`, shown in `NAME.md` between the bench's marks. */
export class RecordedRuns {
  readonly #file: string;
  #runs: RecordedRun[];

  constructor(readonly name: string) {
    this.#file = path.join(FOLDER, `${name}.json`);
    this.#runs = existsSync(this.#file) ? (JSON.parse(readFileSync(this.#file, 'utf8')) as RecordedRun[]) : [];
  }

  /** Replaces an earlier run of the same preset, cases, minutes, seed and plan. */
  add(run: RecordedRun): void {
    this.#runs = [...this.#runs.filter((known) => settings(known) !== settings(run)), run].sort(
      (a, b) =>
        a.preset.localeCompare(b.preset) || b.cases - a.cases || a.minutes - b.minutes || a.plan.localeCompare(b.plan),
    );
  }

  write(): void {
    writeFileSync(this.#file, `[\n${this.#runs.map((run) => JSON.stringify(run)).join(',\n')}\n]\n`);
    writeIntoPage(path.join(FOLDER, `${this.name}.md`), this.name, runsTable(this.#runs));
    const all = Math.max(...this.#runs.map(({ cases }) => cases));
    const curves = (file: string, title: string, wanted: (run: RecordedRun) => boolean) => {
      const runs = this.#runs.filter(wanted);
      if (runs.length > 0) writeLearningCurves(path.join(FOLDER, `${this.name}-${file}.svg`), title, runs);
    };
    curves('presets', 'Tune Dice while training on all cases', ({ cases }) => cases === all);
    curves('cases', 'Tune Dice by number of training cases', ({ preset, plan }) => preset === 'auto' && plan === '');
  }
}

function settings({ preset, cases, minutes, seed, plan }: RecordedRun): string {
  return JSON.stringify([preset, cases, minutes, seed, plan]);
}

/** The runs as a Markdown table. */
export function runsTable(runs: readonly RecordedRun[]): string {
  const labels = runs[0]?.labels ?? [];
  const score = (value: number | null) => (value === null ? '-' : value.toFixed(4));
  return [
    `| preset | train cases | minutes | seed | steps | wall clock | mean Dice | ${labels.map(({ name }) => `${name}, mean over cases (pooled)`).join(' | ')} | worst case | median case |`,
    `| --- | --- | --- | --- | --- | --- | --- | ${labels.map(() => '---').join(' | ')} | --- | --- |`,
    ...runs.map(
      (run) =>
        `| ${run.preset}${run.plan === '' ? '' : ` with \`${run.plan}\``} | ${run.cases} | ${run.minutes} | ${run.seed} | ${run.steps} | ${run.trainSeconds} s | **${score(run.meanDice)}** | ${run.labels
          .map(({ meanDice, pooledDice }) => `${score(meanDice)} (${score(pooledDice)})`)
          .join(' | ')} | ${run.worstCase.toFixed(3)} | ${run.medianCase.toFixed(3)} |`,
    ),
    '',
    [...new Set(runs.map(({ machine, date }) => `${machine}; ${date}.`))].join('\n'),
  ].join('\n');
}
