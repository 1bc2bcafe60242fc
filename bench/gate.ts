/**
 * What the promotion gate does with real models: `npm run bench -- gate [--minutes 1.5] [--resamples 1000] [--data DIR]
 * [--models A,B]`.
 *
 * Trains two models on the hippocampus cohort that differ in nothing but their seed, and a third that goes on from the first
 * (or reads `--models`: version folders, or files that `voxel-loop evaluate --json` wrote, in pairs). The differences of
 * their Dice on the 52 held-out cases, shifted to a mean of -0.02, 0 and +0.02, are what a model of that worth shows case by
 * case. Of them so many cases are drawn, with replacement, as a holdout has, again and again, and the gate decides.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { CancelSource } from '../src/core/cancel.ts';
import { modelCard, parseRecord } from '../src/core/cohort/records/cohort-record.ts';
import { isNotWorse, summariseDifferences } from '../src/core/learn/training/not-worse.ts';
import { type CaseDice, pairDice } from '../src/core/metrics/paired-dice.ts';
import { SeededRandom } from '../src/core/random.ts';
import { EngineTrials } from '../src/engine/choice/engine-trials.ts';
import { Engines } from '../src/engine/choice/engines.ts';
import { KnownEngines } from '../src/engine/choice/known-engines.ts';
import { train } from '../src/engine/jobs/train/train.ts';
import { hippocampusData, machine } from './support/hippocampus-data.ts';

const HOLDOUTS = [3, 5, 10, 20, 52];
const PLANTED = [-0.02, 0, 0.02];

const { values: options } = parseArgs({
  options: {
    minutes: { type: 'string', default: '1.5' },
    resamples: { type: 'string', default: '1000' },
    data: { type: 'string', default: '../shared/data/hippocampus' },
    models: { type: 'string' },
  },
});

const resamples = Number(options.resamples);

/** Two versions of which the first is judged against the second. */
interface Pair {
  readonly name: string;
  readonly differences: readonly number[];
}

function diceOf(source: string): CaseDice[] {
  if (source.endsWith('.json')) {
    const { cases } = JSON.parse(readFileSync(source, 'utf8')) as {
      cases: { id: string; labels: { dice: number | null }[] }[];
    };
    return cases.map(({ id, labels }) => ({ id, dice: labels.map(({ dice }) => dice) }));
  }
  const file = path.join(source, 'card.json');
  const { metrics } = parseRecord(modelCard, readFileSync(file, 'utf8'), file);
  if (!metrics.holdout) throw new Error(`${file} was judged on no holdout.`);
  return metrics.holdout.cases;
}

function pairOf(name: string, ours: string, others: string): Pair {
  return { name, differences: pairDice(diceOf(ours), diceOf(others)).map(({ difference }) => difference) };
}

async function trainPairs(): Promise<Pair[]> {
  const data = hippocampusData(options.data);
  const scratch = mkdtempSync(path.join(tmpdir(), 'voxel-loop-bench-'));
  const engines = new Engines(undefined, new EngineTrials(new KnownEngines(), null), () => undefined);
  const trainInto = async (state: string, seed: number) => {
    const result = await train(
      {
        cohortRoot: data.folder,
        outDir: path.join(scratch, state),
        engine: 'cpu',
        seed,
        minutes: Number(options.minutes),
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
    return result.modelDir;
  };
  try {
    const [first, second, next] = [await trainInto('a', 1), await trainInto('b', 2), await trainInto('a', 3)];
    return [pairOf('two seeds', second, first), pairOf('gone on from the first', next, first)];
  } finally {
    await engines.close();
    rmSync(scratch, { recursive: true, force: true });
  }
}

function promotedShare(differences: readonly number[], mean: number, cases: number, random: SeededRandom): number {
  const centre = meanOf(differences);
  const planted = differences.map((difference) => difference - centre + mean);
  let promoted = 0;
  for (let n = 0; n < resamples; n++) {
    const holdout = Array.from({ length: cases }, () => random.pick(planted));
    if (isNotWorse(summariseDifferences(holdout).verdict)) promoted++;
  }
  return promoted / resamples;
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function deviationOf(values: readonly number[]): number {
  const mean = meanOf(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1));
}

const named = options.models?.split(',') ?? [];
const pairs =
  named.length === 0
    ? await trainPairs()
    : Array.from({ length: Math.floor(named.length / 2) }, (_, n) =>
        pairOf(`pair ${n + 1}`, named[2 * n] as string, named[2 * n + 1] as string),
      );
const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
for (const { name, differences } of pairs) {
  console.log(
    `\n${name}: ${differences.length} cases, mean difference ${meanOf(differences).toFixed(4)}, standard deviation ${deviationOf(differences).toFixed(4)}, from ${Math.min(...differences).toFixed(3)} to ${Math.max(...differences).toFixed(3)}`,
  );
  console.log('\n| held-out cases | 0.02 worse: refused | equal: promoted | 0.02 better: promoted |');
  console.log('| --- | --- | --- | --- |');
  const random = new SeededRandom(1);
  for (const cases of HOLDOUTS) {
    const [worse, equal, better] = PLANTED.map((mean) => promotedShare(differences, mean, cases, random)) as [
      number,
      number,
      number,
    ];
    console.log(`| ${cases} | ${percent(1 - worse)} | ${percent(equal)} | ${percent(better)} |`);
  }
}
console.log(`\n${machine()}; ${resamples} resamples.`);
