/**
 * What eight more corrected cases are worth: `npm run bench -- retrain [--minutes 1] [--seeds 1,2,3] [--epochs 20,10]
 * [--data DIR]`.
 *
 * For each seed, from the train cases of the hippocampus cohort alone: 8 labelled cases and 24 held out; train; label 8
 * more; train again for the same time, once from random weights and once from the first model's. `--epochs A,B` counts
 * epochs instead (A for 8 cases, B for 16), so that a busy machine gives the same figures.
 */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { CancelSource } from '../src/core/cancel.ts';
import type { TrainResult } from '../src/core/protocol/engine/train.ts';
import { SeededRandom } from '../src/core/random.ts';
import { EngineTrials } from '../src/engine/choice/engine-trials.ts';
import { Engines } from '../src/engine/choice/engines.ts';
import { KnownEngines } from '../src/engine/choice/known-engines.ts';
import { train } from '../src/engine/jobs/train/train.ts';
import { hippocampusData, machine } from './support/hippocampus-data.ts';

const FIRST = 8;
const MORE = 8;
const HELD_OUT = 24;

const { values: options } = parseArgs({
  options: {
    minutes: { type: 'string', default: '1' },
    seeds: { type: 'string', default: '1,2,3' },
    epochs: { type: 'string' },
    data: { type: 'string', default: '../shared/data/hippocampus' },
  },
});

const data = hippocampusData(options.data);
const scratch = mkdtempSync(path.join(tmpdir(), 'voxel-loop-bench-'));
const engines = new Engines(undefined, new EngineTrials(new KnownEngines(), null), () => undefined);

function link(cohort: string, folder: string, id: string): void {
  mkdirSync(path.join(cohort, folder), { recursive: true });
  symlinkSync(path.join(data.folder, folder, `${id}.nii.gz`), path.join(cohort, folder, `${id}.nii.gz`));
}

function retrain(cohort: string, state: string, seed: number, stage: 0 | 1, warmStart: boolean): Promise<TrainResult> {
  const epochs = options.epochs?.split(',').map(Number)[stage];
  return train(
    {
      cohortRoot: cohort,
      outDir: state,
      preset: 'auto',
      engine: 'cpu',
      seed,
      warmStart,
      ...(epochs === undefined ? { minutes: Number(options.minutes) } : { epochs }),
    },
    {
      engines,
      signal: new CancelSource().signal,
      progress: () => undefined,
      log: () => undefined,
      workerFiles: {
        loader: path.join(import.meta.dirname, 'loader-worker.cjs'),
        checkpoints: path.join(import.meta.dirname, 'checkpoint-worker.cjs'),
      },
    },
  );
}

async function measure(seed: number): Promise<{ first: TrainResult; cold: TrainResult; warm: TrainResult }> {
  const drawn = new SeededRandom(seed).shuffle([...data.train]);
  const labelled = drawn.slice(0, FIRST);
  const added = drawn.slice(FIRST, FIRST + MORE);
  const held = drawn.slice(FIRST + MORE, FIRST + MORE + HELD_OUT);
  const cohort = path.join(scratch, String(seed));
  for (const id of [...labelled, ...added, ...held]) link(cohort, 'imagesTr', id);
  for (const id of [...labelled, ...held]) link(cohort, 'labelsTr', id);
  symlinkSync(path.join(data.folder, 'dataset.json'), path.join(cohort, 'dataset.json'));
  writeFileSync(path.join(cohort, 'splits.json'), JSON.stringify({ train: [...labelled, ...added], val: held }));
  const states = ['warm', 'cold'].map((name) => path.join(scratch, `${seed}-${name}`)) as [string, string];
  const first = await retrain(cohort, states[0], seed, 0, false);
  for (const id of added) link(cohort, 'labelsTr', id);
  const warm = await retrain(cohort, states[0], seed, 1, true);
  const cold = await retrain(cohort, states[1], seed, 1, false);
  return { first, cold, warm };
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const signed = (value: number) => `${value < 0 ? '' : '+'}${value.toFixed(4)}`;
try {
  const rows: number[][] = [];
  console.log('| seed | 8 cases | 16 cases, from random weights | 16 cases, from the first model | seconds |');
  console.log('| --- | --- | --- | --- | --- |');
  for (const seed of options.seeds.split(',').map(Number)) {
    const { first, cold, warm } = await measure(seed);
    const row = [first, cold, warm].map(({ holdoutDice }) => holdoutDice ?? 0);
    rows.push(row);
    const [before, afterCold, afterWarm] = row as [number, number, number];
    console.log(
      `| ${seed} | ${before.toFixed(4)} | ${afterCold.toFixed(4)} (${signed(afterCold - before)}) | ${afterWarm.toFixed(4)} (${signed(afterWarm - before)}) | ${[first, cold, warm].map(({ seconds }) => seconds.toFixed(0)).join(', ')} |`,
    );
  }
  const [before, cold, warm] = [0, 1, 2].map((column) => mean(rows.map((row) => row[column] ?? 0))) as [
    number,
    number,
    number,
  ];
  console.log(
    `| mean | ${before.toFixed(4)} | ${cold.toFixed(4)} (${signed(cold - before)}) | ${warm.toFixed(4)} (${signed(warm - before)}) | |`,
  );
  console.log(
    `\n${machine()}; ${options.epochs ? `epochs ${options.epochs}` : `${options.minutes} min each`}; Dice: mean over ${HELD_OUT} held-out cases of the mean over two labels.`,
  );
} finally {
  await engines.close();
  rmSync(scratch, { recursive: true, force: true });
}
