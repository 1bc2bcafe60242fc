/**
 * How well the default plan learns real MRI in a few minutes, by the commands that a user would type:
 * `npm run bench -- hippocampus [--minutes 5] [--seed 0] [--data DIR] [--write]`.
 *
 * train (wall clock, all included; the 52 val cases of splits.json only judge the finished model, tuning is carved out
 * of the 156 train cases), predict the val cases, evaluate. `--write` puts the figures into
 * docs/measurements/hippocampus.md.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { hippocampusData, machine } from './support/hippocampus-data.ts';

const { values: options } = parseArgs({
  options: {
    minutes: { type: 'string', default: '5' },
    seed: { type: 'string', default: '0' },
    data: { type: 'string', default: '../shared/data/hippocampus' },
    write: { type: 'boolean', default: false },
  },
});

/** As `voxel-loop evaluate --json` prints it. */
interface Evaluation {
  readonly meanDice: number;
  readonly cases: readonly { readonly id: string; readonly meanDice: number }[];
  readonly labels: readonly {
    readonly value: number;
    readonly name: string;
    readonly meanDice: number;
    readonly pooledDice: number;
  }[];
}

function run(command: string, args: readonly string[], stdout: 'inherit' | 'pipe' = 'inherit'): string {
  const result = spawnSync(command, args, {
    stdio: ['ignore', stdout, 'inherit'],
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (result.status !== 0) throw new Error(`${command} ${args.slice(0, 3).join(' ')} ended with ${result.status}`);
  return result.stdout ?? '';
}

const data = hippocampusData(options.data);
const scratch = mkdtempSync(path.join(tmpdir(), 'voxel-loop-bench-'));
try {
  run(process.execPath, ['esbuild.mjs']);
  const cli = path.join('dist', 'cli.js');
  const state = path.join(scratch, 'state');
  const beganMs = performance.now();
  const trained = run(
    process.execPath,
    [
      cli,
      'train',
      data.folder,
      '--minutes',
      options.minutes,
      '--seed',
      options.seed,
      '--engine',
      'cpu',
      '--out',
      state,
    ],
    'pipe',
  );
  const trainSeconds = (performance.now() - beganMs) / 1000;
  console.log(trained.trim());
  const images = data.val.map((id) => path.join(data.folder, 'imagesTr', `${id}.nii.gz`));
  const predictions = path.join(scratch, 'predictions');
  const predictBeganMs = performance.now();
  run(
    process.execPath,
    [cli, 'predict', ...images, '--model', path.join(state, 'models', '1'), '--engine', 'cpu', '--out', predictions],
    'pipe',
  );
  const predictSeconds = (performance.now() - predictBeganMs) / 1000;
  const evaluated = run(
    process.execPath,
    [cli, 'evaluate', '--predictions', predictions, '--labels', path.join(data.folder, 'labelsTr'), '--json'],
    'pipe',
  );
  const evaluation = JSON.parse(evaluated) as Evaluation;
  const report = describe(evaluation, trained, trainSeconds, predictSeconds);
  console.log(report);
  if (options.write) record(report);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

function describe(evaluation: Evaluation, trained: string, trainSeconds: number, predictSeconds: number): string {
  const perCase = evaluation.cases.map(({ meanDice }) => meanDice).sort((a, b) => a - b);
  const steps = /(\d+) slices\), (\d+) epochs, (\d+) steps/.exec(trained);
  return [
    `| seed | train (wall clock) | steps | predict 52 cases | mean Dice | ${evaluation.labels.map(({ name }) => `${name}, mean over cases (pooled)`).join(' | ')} | worst case | median case |`,
    `| --- | --- | --- | --- | --- | ${evaluation.labels.map(() => '---').join(' | ')} | --- | --- |`,
    `| ${options.seed} | ${trainSeconds.toFixed(0)} s | ${steps?.[3] ?? '?'} | ${predictSeconds.toFixed(0)} s | **${evaluation.meanDice.toFixed(4)}** | ${evaluation.labels
      .map((label) => `${label.meanDice.toFixed(4)} (${label.pooledDice.toFixed(4)})`)
      .join(' | ')} | ${perCase[0]?.toFixed(3)} | ${perCase[Math.floor(perCase.length / 2)]?.toFixed(3)} |`,
    '',
    `${machine()}; ${new Date().toISOString().slice(0, 10)}; ${evaluation.cases.length} cases.`,
  ].join('\n');
}

/** Replaces the part of the page between this bench's marks. */
function record(report: string): void {
  const page = path.join('docs', 'measurements', 'hippocampus.md');
  const [start, end] = ['<!-- bench hippocampus -->', '<!-- /bench hippocampus -->'];
  const text = readFileSync(page, 'utf8');
  const [before, rest] = text.split(start);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined) throw new Error(`${page} has no place for the figures.`);
  writeFileSync(page, `${before}${start}\n${report}\n${end}${after}`);
}
