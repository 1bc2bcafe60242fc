/**
 * How well what was learned from few cases holds on others, and on other scanners:
 *
 *     npm run bench -- generalise [--only cardiac-8,...] [--minutes 10] [--seeds 0,1,2] [--plan JSON] [--name WORD] [--write]
 *
 * Each experiment trains `auto` on some cases and judges others that it never saw: as they are, and shifted as another
 * scanner or patient would (`support/scanner-shifts.ts`). Structures are scored per case; the split is by case, and drawn
 * by the seed from the train cases of `splits.json` where there is one. `--write` puts the table into
 * docs/measurements/generalise.md under `--name`.
 */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { encodeImageHeader } from '../src/core/formats/nifti/image-header.ts';
import type { VoxelGrid } from '../src/core/geometry/grid.ts';
import { SeededRandom } from '../src/core/random.ts';
import { VOXEL_TYPES } from '../src/core/volume/voxel-type.ts';
import { readVolume } from '../src/node/volumes/read-volume.ts';
import { buildProduct } from './support/command-line.ts';
import { machine } from './support/hippocampus-data.ts';
import { type Evaluation, predictAndEvaluate, trainAndEvaluate } from './support/learning-run.ts';
import { filesOf } from './support/linked-cohort.ts';
import { writeIntoPage } from './support/marked-page.ts';
import { SCANNER_SHIFTS, type ScannerShift, shiftScan } from './support/scanner-shifts.ts';

const { values: options } = parseArgs({
  options: {
    only: { type: 'string' },
    minutes: { type: 'string', default: '10' },
    seeds: { type: 'string', default: '0,1,2' },
    plan: { type: 'string' },
    name: { type: 'string', default: 'auto' },
    data: { type: 'string', default: '../shared/data' },
    write: { type: 'boolean', default: false },
  },
});

interface Experiment {
  readonly name: string;
  /** A cohort in MSD layout. */
  readonly folder: string;
  /** The cases by the seed; those that judge are never trained on. */
  split(seed: number): { readonly train: readonly string[]; readonly val: readonly string[] };
}

/** Cases that judge where a data set has many: more would only take longer. */
const MOST_JUDGES = 20;

function experiments(data: string): Experiment[] {
  const at = (name: string) => path.join(path.resolve(data), name);
  const drawn = (folder: string, count: number) => (seed: number) => {
    const { train, val } = splitsOf(folder);
    return {
      train: new SeededRandom(seed)
        .shuffle([...train])
        .slice(0, count)
        .sort(),
      val: val.slice(0, MOST_JUDGES),
    };
  };
  const some = (name: string, counts: readonly number[]) =>
    counts.map((count): Experiment => ({ name: `${name}-${count}`, folder: at(name), split: drawn(at(name), count) }));
  const lesions = at('ms-lesions');
  const phantom = at('liver-phantom');
  return [
    ...some('hippocampus', [8, 16, 32]),
    ...some('cardiac-mr', [4, 8, 21]),
    ...[0, 1].map(
      (judge): Experiment => ({
        name: `ms-lesions-${judge}`,
        folder: lesions,
        split: () => {
          const ids = idsOf(lesions);
          return { train: [ids[1 - judge]], val: [ids[judge]] };
        },
      }),
    ),
    {
      name: 'liver-phantom',
      folder: phantom,
      split: (seed) => {
        const ids = new SeededRandom(seed).shuffle(idsOf(phantom));
        return { train: ids.slice(5).sort(), val: ids.slice(0, 5).sort() };
      },
    },
  ];
}

function idsOf(folder: string): string[] {
  return readdirSync(path.join(folder, 'labelsTr'))
    .filter((name) => name.endsWith('.nii.gz'))
    .map((name) => name.slice(0, -'.nii.gz'.length))
    .sort();
}

function splitsOf(folder: string): { readonly train: string[]; readonly val: string[] } {
  return JSON.parse(readFileSync(path.join(folder, 'splits.json'), 'utf8'));
}

/** Writes the cases of a cohort as another scanner would have made them. */
async function shiftCohort(from: string, to: string, ids: readonly string[], shift: ScannerShift): Promise<void> {
  for (const folder of ['imagesTr', 'labelsTr']) mkdirSync(path.join(to, folder), { recursive: true });
  for (const [n, id] of ids.entries()) {
    const names = filesOf(id, readdirSync(path.join(from, 'imagesTr')));
    const images = await Promise.all(names.map((name) => readVolume(path.join(from, 'imagesTr', name))));
    const truth = await readVolume(path.join(from, 'labelsTr', `${id}.nii.gz`));
    const scan = {
      grid: images[0].grid,
      channels: images.map(({ data }) => data),
      labels: Uint16Array.from(truth.data),
    };
    const { grid, channels, labels } = shiftScan(scan, shift, 1000 * n);
    for (const [channel, name] of names.entries())
      write(path.join(to, 'imagesTr', name), grid, 'f32', channels[channel]);
    write(path.join(to, 'labelsTr', `${id}.nii.gz`), grid, 'u16', labels);
  }
}

function write(file: string, grid: VoxelGrid, type: 'f32' | 'u16', voxels: Float32Array | Uint16Array): void {
  const bytes = new Uint8Array(voxels.buffer, voxels.byteOffset, voxels.byteLength);
  writeFileSync(file, gzipSync(Buffer.concat([encodeImageHeader(grid, VOXEL_TYPES[type]), bytes]), { level: 1 }));
}

interface Judged {
  readonly experiment: string;
  readonly seed: number;
  readonly shift: ScannerShift | 'none';
  readonly meanDice: number;
  /** The lowest mean Dice of a case. */
  readonly worstCase: number;
  readonly lesionF1: number | null;
}

function judged(experiment: string, seed: number, shift: Judged['shift'], evaluation: Evaluation): Judged {
  const cases = evaluation.cases.map(({ meanDice }) => meanDice ?? 0);
  const bins = evaluation.labels
    .filter(({ lesions }) => lesions.mostInOneCase > 1)
    .flatMap(({ lesions }) => lesions.bins);
  const total = (of: (bin: (typeof bins)[number]) => number) => bins.reduce((sum, bin) => sum + of(bin), 0);
  const recall = total((bin) => bin.foundLesions) / total((bin) => bin.truthLesions);
  const precision = total((bin) => bin.matchedLesions) / total((bin) => bin.predictedLesions);
  return {
    experiment,
    seed,
    shift,
    meanDice: evaluation.meanDice,
    worstCase: Math.min(...cases),
    lesionF1: bins.length === 0 ? null : (2 * recall * precision) / (recall + precision) || 0,
  };
}

async function run({ name, folder, split }: Experiment, seed: number): Promise<Judged[]> {
  const scratch = mkdtempSync(path.join(tmpdir(), 'voxel-loop-bench-'));
  try {
    const { train, val } = split(seed);
    const learned = trainAndEvaluate({
      data: folder,
      train,
      val,
      scratch,
      ...(options.plan !== undefined && { plan: JSON.parse(options.plan) as unknown }),
      trainArguments: ['--minutes', options.minutes, '--seed', String(seed)],
    });
    const all = [judged(name, seed, 'none', learned.evaluation)];
    for (const shift of SCANNER_SHIFTS) {
      const shifted = path.join(scratch, shift);
      await shiftCohort(folder, shifted, val, shift);
      const out = path.join(scratch, `predictions-${shift}`);
      all.push(judged(name, seed, shift, predictAndEvaluate(learned.model, shifted, val, out)));
      rmSync(shifted, { recursive: true });
    }
    return all;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function table(all: readonly Judged[], seeds: readonly number[]): string {
  const names = [...new Set(all.map(({ experiment }) => experiment))];
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const cell = (name: string, shift: Judged['shift']) => {
    const found = all.filter(({ experiment, shift: its }) => experiment === name && its === shift);
    const worst = Math.min(...found.map(({ worstCase }) => worstCase));
    const f1 = found.flatMap(({ lesionF1 }) => lesionF1 ?? []);
    const lesions = f1.length > 0 ? `, F1 ${mean(f1).toFixed(2)}` : '';
    return `${mean(found.map(({ meanDice }) => meanDice)).toFixed(3)} (${worst.toFixed(2)}${lesions})`;
  };
  const shifts = ['none', ...SCANNER_SHIFTS] as const;
  return [
    `| trained on | ${shifts.map((shift) => (shift === 'none' ? 'as they are' : shift)).join(' | ')} |`,
    `| --- | ${shifts.map(() => '---').join(' | ')} |`,
    ...names.map((name) => `| ${name} | ${shifts.map((shift) => cell(name, shift)).join(' | ')} |`),
    '',
    `Mean Dice over labels and cases (the worst case; F1 of lesions found, by lesion), ${options.minutes} minutes, ${seeds.length === 1 ? `seed ${seeds[0]}` : `means over the seeds ${seeds.join(', ')}`}${options.plan === undefined ? '' : `, with \`${options.plan}\``}; ${machine()}; ${new Date().toISOString().slice(0, 10)}.`,
  ].join('\n');
}

const wanted = options.only?.split(',');
const chosen = experiments(options.data).filter(({ name }) => !wanted || wanted.includes(name));
const absent = chosen.filter(({ folder }) => !existsSync(folder));
if (chosen.length === 0 || absent.length > 0) {
  const why =
    chosen.length === 0 ? `There is no experiment ${options.only}.` : `There is no cohort at ${absent[0].folder}.`;
  console.error(
    `${why} Experiments: ${experiments(options.data)
      .map(({ name }) => name)
      .join(', ')}.`,
  );
  process.exit(2);
}
buildProduct();
const seeds = options.seeds.split(',').map(Number);
const all: Judged[] = [];
for (const experiment of chosen) {
  for (const seed of seeds) {
    all.push(...(await run(experiment, seed)));
    console.log(table(all, seeds));
  }
}
if (options.write) {
  writeIntoPage(path.join('docs', 'measurements', 'generalise.md'), `generalise ${options.name}`, table(all, seeds));
}
