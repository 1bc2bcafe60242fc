/**
 * Whether memory stays flat as the cohort grows: `npm run bench -- memory [--minutes 3] [--copies 1,10] [--data DIR]`.
 *
 * Makes cohorts of the 208 hippocampus cases and of ten moved, noisier copies of each (2,080 cases, no two alike), trains
 * on each for the same minutes from a cold cache in an engine process as the CLI starts it, and asks the system for the
 * most memory that this process ever had (all its threads included). Linux only: it reads /proc.
 */
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { encodeImageHeader } from '../src/core/formats/nifti/image-header.ts';
import type { TrainProgress, TrainResult } from '../src/core/protocol/engine/train.ts';
import { SeededRandom } from '../src/core/random.ts';
import { VOXEL_TYPES } from '../src/core/volume/voxel-type.ts';
import { forkTransport } from '../src/node/engine-link/fork/fork-transport.ts';
import { startEngine } from '../src/node/engine-link/start-engine.ts';
import { readVolume } from '../src/node/volumes/read-volume.ts';
import { buildProduct } from './support/command-line.ts';
import { hippocampusData, machine } from './support/hippocampus-data.ts';

const { values: options } = parseArgs({
  options: {
    minutes: { type: 'string', default: '3' },
    copies: { type: 'string', default: '1,10' },
    data: { type: 'string', default: '../shared/data/hippocampus' },
  },
});
const data = hippocampusData(options.data);
const JUDGES = 8;
const MOST_APART = 0.1;
const LONGEST_WAIT = 0.1;

/** A copy of a case: moved by whole voxels, image and labels alike, with noise of its own. */
async function writeCopy(id: string, copy: number, cohort: string): Promise<void> {
  const name = `${id}_${copy}.nii.gz`;
  const random = new SeededRandom(copy * 1000 + Number(id.replace(/\D/g, '')));
  const image = await readVolume(path.join(data.folder, 'imagesTr', `${id}.nii.gz`));
  const labels = await readVolume(path.join(data.folder, 'labelsTr', `${id}.nii.gz`));
  const [nx] = image.grid.shape;
  const move = (copy % 5) - 2 + nx * (Math.floor(copy / 5) - 1);
  const count = image.data.length;
  const from = (index: number) => (index + move + count) % count;
  const spread = 0.02 * image.data.reduce((most, value) => Math.max(most, value), 0);
  const values = image.data.map((_, index) => Math.round(image.data[from(index)] + random.normal(0, spread)));
  const classes = Uint8Array.from(labels.data, (_, index) => labels.data[from(index)]);
  const write = (folder: string, header: Uint8Array, voxels: Uint8Array) =>
    writeFileSync(path.join(cohort, folder, name), gzipSync(Buffer.concat([header, voxels]), { level: 1 }));
  write('imagesTr', encodeImageHeader(image.grid, VOXEL_TYPES.f32), new Uint8Array(values.buffer));
  write('labelsTr', encodeImageHeader(image.grid, VOXEL_TYPES.u8), classes);
}

async function makeCohort(copies: number): Promise<string> {
  const cohort = path.join(scratch, `${copies}`);
  for (const folder of ['imagesTr', 'labelsTr']) mkdirSync(path.join(cohort, folder), { recursive: true });
  symlinkSync(path.join(data.folder, 'dataset.json'), path.join(cohort, 'dataset.json'));
  const all = Array.from({ length: copies }, (_, copy) => copy);
  for (const id of [...data.train, ...data.val]) for (const copy of all) await writeCopy(id, copy, cohort);
  // The same few cases judge: how long that takes must not eat the time for training.
  const val = data.val.slice(0, JUDGES).map((id) => `${id}_0`);
  const train = [...data.train, ...data.val].flatMap((id) => all.map((copy) => `${id}_${copy}`));
  writeFileSync(
    path.join(cohort, 'splits.json'),
    JSON.stringify({ train: train.filter((id) => !val.includes(id)), val }),
  );
  return cohort;
}

interface Measured {
  readonly result: TrainResult;
  readonly peakMb: number;
  readonly cacheMb: number;
  /** The most memory that the process had had when each phase ended. */
  readonly peakMbAfter: Readonly<Record<string, number>>;
  readonly waitedPercent: number;
  readonly batches: number;
}

async function measure(cohort: string): Promise<Measured> {
  let waited = '';
  const engine = startEngine(forkTransport(path.resolve('dist', 'engine.js')), {
    onLog: (level, message) => {
      if (message.startsWith('Training waited')) waited = message;
      else if (level !== 'info') console.error(message);
    },
  });
  try {
    const peakMbAfter: Record<string, number> = {};
    const onProgress = ({ phase }: TrainProgress) => {
      peakMbAfter[phase] = peakOf(engine.pid);
    };
    const result = await engine.endpoint.request(
      'train',
      { cohortRoot: cohort, preset: 'auto', engine: 'cpu', seed: 1, minutes: Number(options.minutes) },
      { onProgress },
    );
    const [, percent, batches] = /([\d.]+) % of the time \((\d+) batches\)/.exec(waited) ?? [];
    return {
      result,
      peakMbAfter,
      peakMb: peakOf(engine.pid),
      cacheMb: cacheMb(cohort),
      waitedPercent: Number(percent),
      batches: Number(batches),
    };
  } finally {
    await engine.stop();
  }
}

/** VmHWM: the most memory (resident) that the process ever had, in MB. */
function peakOf(pid: number | undefined): number {
  const kilobytes = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kilobytes) / 1024;
}

function cacheMb(cohort: string): number {
  const folder = path.join(cohort, '.voxel-loop', 'cache');
  return readdirSync(folder).reduce((sum, name) => sum + statSync(path.join(folder, name)).size, 0) / 2 ** 20;
}

const scratch = mkdtempSync(path.join(tmpdir(), 'voxel-loop-bench-'));
try {
  buildProduct();
  const peaks: number[] = [];
  const waits: number[] = [];
  console.log(
    '| cases | slices learned from | cache | peak memory | after preparing / training / evaluating | batches | waited for data |',
  );
  console.log('| --- | --- | --- | --- | --- | --- | --- |');
  for (const copies of options.copies.split(',').map(Number)) {
    const cohort = await makeCohort(copies);
    const { result, peakMb, peakMbAfter, cacheMb: disk, waitedPercent, batches } = await measure(cohort);
    const phases = ['preparing', 'training', 'evaluating'].map((phase) => (peakMbAfter[phase] ?? 0).toFixed(0));
    console.log(
      `| ${copies * (data.train.length + data.val.length)} | ${result.trainedSlices} | ${disk.toFixed(0)} MB | ${peakMb.toFixed(0)} MB | ${phases.join(' / ')} MB | ${batches} | ${waitedPercent} % |`,
    );
    peaks.push(peakMb);
    waits.push(waitedPercent);
    rmSync(cohort, { recursive: true });
  }
  const apart = Math.max(...peaks) / Math.min(...peaks) - 1;
  const isMet = apart < MOST_APART && Math.max(...waits) < 100 * LONGEST_WAIT;
  console.log(
    `\nPeaks differ by ${(100 * apart).toFixed(1)} % (must be under 10 %), training waited at most ${Math.max(...waits)} % (must be under 10 %): ${isMet ? 'met' : 'NOT met'}.`,
  );
  console.log(`${machine()}; ${options.minutes} min each, cold cache.`);
  process.exitCode = isMet ? 0 : 1;
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
