/**
 * How well a preset learns real MRI in some minutes, by the commands that a user would type:
 *
 *     npm run bench -- hippocampus [--preset auto] [--minutes 10] [--cases 156] [--seed 0] [--plan JSON] [--data DIR] [--write]
 *
 * train (wall clock, all included; the 52 val cases of splits.json only judge the finished model, tuning is carved out
 * of the train cases), predict the val cases, evaluate. `--cases` draws that many train cases by the seed. `--write` adds
 * the figures to docs/measurements/hippocampus.json, and makes the table of hippocampus.md and the learning curves anew.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { SeededRandom } from '../src/core/random.ts';
import { buildProduct } from './support/command-line.ts';
import { hippocampusData, machine } from './support/hippocampus-data.ts';
import { trainAndEvaluate } from './support/learning-run.ts';
import { RecordedRuns, runsTable } from './support/recorded-runs.ts';

const { values: options } = parseArgs({
  options: {
    preset: { type: 'string', default: 'auto' },
    minutes: { type: 'string', default: '10' },
    cases: { type: 'string' },
    seed: { type: 'string', default: '0' },
    plan: { type: 'string' },
    data: { type: 'string', default: '../shared/data/hippocampus' },
    write: { type: 'boolean', default: false },
  },
});

const data = hippocampusData(options.data);
const cases = Number(options.cases ?? data.train.length);
const train =
  cases < data.train.length
    ? new SeededRandom(Number(options.seed)).shuffle([...data.train]).slice(0, cases)
    : data.train;
const plan = options.plan === undefined ? undefined : (JSON.parse(options.plan) as unknown);
const scratch = mkdtempSync(path.join(tmpdir(), 'voxel-loop-bench-'));
try {
  buildProduct();
  const { preset, minutes, seed } = options;
  const run = trainAndEvaluate({
    data: data.folder,
    train,
    val: data.val,
    scratch,
    ...(plan !== undefined && { plan }),
    trainArguments: ['--preset', preset, '--minutes', minutes, '--seed', seed],
  });
  const { evaluation } = run;
  const perCase = evaluation.cases.map(({ meanDice }) => meanDice ?? 0).sort((a, b) => a - b);
  const recorded = {
    preset,
    cases,
    minutes: Number(minutes),
    seed: Number(seed),
    plan: options.plan ?? '',
    steps: run.steps,
    trainSeconds: Math.round(run.trainSeconds),
    predictSeconds: Math.round(run.predictSeconds),
    meanDice: evaluation.meanDice,
    labels: evaluation.labels.map(({ name, meanDice, pooledDice }) => ({ name, meanDice, pooledDice })),
    worstCase: perCase[0] ?? 0,
    medianCase: perCase[Math.floor(perCase.length / 2)] ?? 0,
    // Four digits are all that a curve shows.
    history: run.history.map(({ step, loss, tuneDice }) => ({
      step,
      loss: rounded(loss),
      tuneDice: tuneDice === null ? null : rounded(tuneDice),
    })),
    machine: machine(),
    date: new Date().toISOString().slice(0, 10),
  };
  console.log(runsTable([recorded]));
  if (options.write) {
    const runs = new RecordedRuns('hippocampus');
    runs.add(recorded);
    runs.write();
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

function rounded(value: number): number {
  return Number(value.toFixed(4));
}
