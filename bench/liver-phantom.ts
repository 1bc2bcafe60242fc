/**
 * Liver and tumour in CT, by lesion size: `npm run bench -- liver-phantom [--minutes 10] [--seed 0] [--plan JSON] [--name WORD]
 * [--data DIR] [--write]`.
 *
 * SYNTHETIC: 16 pairs made of one real CT by warping it and painting lesions into its liver. It exercises what CT needs
 * (Hounsfield windows, cropping, small lesions) and says nothing about accuracy on patients. 11 cases train, 5 drawn by
 * the seed only judge. `--write` puts the figures into docs/measurements/liver-phantom.md under `--name`.
 */
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { SeededRandom } from '../src/core/random.ts';
import { buildProduct } from './support/command-line.ts';
import { machine } from './support/hippocampus-data.ts';
import { type Evaluation, type LearningRun, trainAndEvaluate } from './support/learning-run.ts';
import { writeIntoPage } from './support/marked-page.ts';

const JUDGES = 5;

const { values: options } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    seed: { type: 'string', default: '0' },
    plan: { type: 'string' },
    name: { type: 'string', default: 'auto' },
    data: { type: 'string', default: '../shared/data/liver-phantom' },
    write: { type: 'boolean', default: false },
  },
});

const data = path.resolve(options.data);
if (!existsSync(data)) {
  console.error(`There is no liver phantom at ${data}: name its folder with --data.`);
  process.exit(2);
}
const ids = readdirSync(path.join(data, 'labelsTr'))
  .filter((name) => name.endsWith('.nii.gz'))
  .map((name) => name.slice(0, -'.nii.gz'.length))
  .sort();
const drawn = new SeededRandom(Number(options.seed)).shuffle([...ids]);
const scratch = mkdtempSync(path.join(tmpdir(), 'voxel-loop-bench-'));
try {
  buildProduct();
  const run = trainAndEvaluate({
    data,
    val: drawn.slice(0, JUDGES).sort(),
    train: drawn.slice(JUDGES).sort(),
    scratch,
    ...(options.plan !== undefined && { plan: JSON.parse(options.plan) as unknown }),
    trainArguments: ['--minutes', options.minutes, '--seed', options.seed],
  });
  const report = describe(run);
  console.log(report);
  if (options.write) {
    writeIntoPage(path.join('docs', 'measurements', 'liver-phantom.md'), `liver-phantom ${options.name}`, report);
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

function describe({ evaluation, steps, trainSeconds }: LearningRun): string {
  const lesions = evaluation.labels.filter(({ lesions: found }) => found.mostInOneCase > 1);
  return [
    `| label | mean Dice over cases | pooled Dice | median HD95 mm |`,
    `| --- | --- | --- | --- |`,
    ...evaluation.labels.map(
      ({ name, meanDice, pooledDice, metrics }) =>
        `| ${name} | ${score(meanDice)} | ${score(pooledDice)} | ${score(metrics.hd95Mm.median, 1)} |`,
    ),
    '',
    ...lesions.flatMap(lesionTable),
    `${options.minutes} minutes (${trainSeconds.toFixed(0)} s in all), ${steps} steps, seed ${options.seed}, ${ids.length - JUDGES} cases to train and ${JUDGES} to judge${options.plan === undefined ? '' : `, with \`${options.plan}\``}; ${machine()}; ${new Date().toISOString().slice(0, 10)}.`,
  ].join('\n');
}

function lesionTable({ name, lesions }: Evaluation['labels'][number]): string[] {
  const share = (found: number, of: number) => (of === 0 ? '-' : `${found} of ${of}`);
  return [
    `| ${name}, diameter | found | predicted and true | mean Dice of those found | mean IoU of those found |`,
    '| --- | --- | --- | --- | --- |',
    ...lesions.bins.map(
      (bin) =>
        `| ${bin.name} | ${share(bin.foundLesions, bin.truthLesions)} | ${share(bin.matchedLesions, bin.predictedLesions)} | ${score(bin.meanFoundDice)} | ${score(bin.meanFoundIou)} |`,
    ),
    '',
  ];
}

function score(value: number | null, digits = 3): string {
  return value === null ? '-' : value.toFixed(digits);
}
