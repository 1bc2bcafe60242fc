/**
 * Whether a kill loses or tears anything: `npm run bench -- kills [--saves 300] [--trainings 25] [--seed 1]`.
 *
 * Saves: a process saves one case over and over, each time with other voxels, another record and twenty more lines of
 * history; it is killed with SIGKILL at a random moment. After each kill the next process must find one whole save: the
 * last one that was reported to have ended, or a later one, with the record and the history that belong to it.
 *
 * Trainings: `voxel-loop train` on a synthetic cohort is killed at a random moment and goes on with `--resume`, again and
 * again, until it ends. Its weights and its plan must be those of a training that nobody killed, bit for bit (a version that was
 * killed while it was judged leaves its number taken, so the number may differ). The moments are drawn
 * over the whole length of a training, so that its preparation and its judging are cut too.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { parseCaseRecord } from '../src/core/cohort/records/case-record.ts';
import { PLAN_METADATA_KEY } from '../src/core/learn/plan/plan.ts';
import { readModelMetadata, readModelWeights } from '../src/core/net/onnx/read-model.ts';
import { SeededRandom } from '../src/core/random.ts';
import { finishInterruptedSave } from '../src/node/case/case-save.ts';
import { ModelVersions } from '../src/node/cohort/models/model-versions.ts';
import { CohortStore } from '../src/node/cohort/state/cohort-store.ts';
import { fileFingerprint } from '../src/node/files/file-fingerprint.ts';
import { readLabelVolume } from '../src/node/volumes/labels/label-volume.ts';
import { buildProduct, voxelLoop } from './support/command-line.ts';
import { LINES_PER_SAVE, savedCase, saveForever } from './support/save-forever.ts';

const { values: options } = parseArgs({
  options: {
    saves: { type: 'string', default: '300' },
    trainings: { type: 'string', default: '25' },
    seed: { type: 'string', default: '1' },
    /** For the process that is killed: the folder that it saves in, and the number of its first save. */
    child: { type: 'string' },
    from: { type: 'string', default: '1' },
  },
});

if (options.child !== undefined) await saveForever(options.child, Number(options.from));

const random = new SeededRandom(Number(options.seed));
await killSaves(Number(options.saves));
await killTrainings(Number(options.trainings));

async function killSaves(kills: number): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'voxel-loop-kills-'));
  const place = savedCase(folder);
  const store = new CohortStore(folder);
  const found = { old: 0, new: 0, completed: 0 };
  const faults: string[] = [];
  let reported = 0;
  try {
    for (let kill = 0; kill < kills; kill++) {
      const before = reported;
      reported = await saveUntilKilled(folder, reported + 1, (last) => Math.max(reported, last));
      if (await finishInterruptedSave(store, place)) found.completed++;
      const fault = await faultOf(store, place, reported);
      if (typeof fault === 'string') faults.push(`kill ${kill}: ${fault}`);
      else {
        found[fault === reported ? 'old' : 'new']++;
        reported = Math.max(fault, before);
      }
    }
    const left = readdirSync(folder).filter((name) => name.endsWith('.tmp')).length;
    console.log(
      `saves: ${kills} kills; ${faults.length} torn or lost; found as last reported ${found.old}, one further ${found.new} (of these completed from the journal ${found.completed}); temporary files left beside the labels: ${left}`,
    );
    for (const fault of faults) console.log(`  ${fault}`);
    if (faults.length > 0) process.exitCode = 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Starts the saving process, kills it at a random moment after its first save and says which save it reported last. */
async function saveUntilKilled(folder: string, from: number, latest: (last: number) => number): Promise<number> {
  const child = spawn(process.execPath, [process.argv[1] as string, '--child', folder, '--from', String(from)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let last = 0;
  let isFirst: () => void = () => undefined;
  const first = new Promise<void>((resolve) => {
    isFirst = resolve;
  });
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    for (const line of text.split('\n')) if (line !== '') last = Number(line);
    isFirst();
  });
  const ended = endOf(child);
  await Promise.race([first, ended]);
  await sleep(random.uniform() * 60);
  child.kill('SIGKILL');
  await ended;
  return latest(last);
}

/** The number of the save that lies on the disk, or what is wrong with it. */
async function faultOf(
  store: CohortStore,
  place: ReturnType<typeof savedCase>,
  reported: number,
): Promise<number | string> {
  const { labelMap, table } = await readLabelVolume(place.labels);
  const record = parseCaseRecord(readFileSync(store.caseRecordPath(place.id), 'utf8'));
  if (record.labelsFingerprint !== (await fileFingerprint(place.labels))) return 'the record is of other labels';
  const generation = record.slices[0]?.editedVoxels ?? 0;
  if (generation < reported) return `save ${reported} was reported and save ${generation} lies there`;
  const [label] = labelMap.read(generation % labelMap.voxelCount, 1);
  if (table[label ?? 0]?.value !== 1 + (generation % 3)) return `the voxels are not those of save ${generation}`;
  const lines = await store.history.read(place.id);
  const own = lines.filter(({ voxels }) => voxels === generation).length;
  if (own !== LINES_PER_SAVE) return `save ${generation} has ${own} lines of history`;
  return generation;
}

async function killTrainings(kills: number): Promise<void> {
  if (kills === 0) return;
  buildProduct();
  const folder = mkdtempSync(path.join(tmpdir(), 'voxel-loop-kills-'));
  try {
    const demo = path.join(folder, 'demo');
    voxelLoop('demo', demo);
    const whole = path.join(folder, 'whole');
    const started = performance.now();
    voxelLoop(...trainingOf(demo, whole));
    const lengthMs = performance.now() - started;
    const expected = await modelDigest(whole);
    let killed = 0;
    let same = 0;
    let runs = 0;
    let beforeCheckpoint = 0;
    while (killed < kills) {
      const out = path.join(folder, `run-${runs++}`);
      for (let resume = false; ; ) {
        const ended = await trainFor(
          trainingOf(demo, out, resume),
          killed < kills ? random.uniform() * lengthMs : null,
        );
        if (ended) break;
        killed++;
        resume = existsSync(path.join(out, 'training', 'last.checkpoint'));
        if (!resume) beforeCheckpoint++;
      }
      if ((await modelDigest(out)) === expected) same++;
      else console.log(`  run ${runs}: another model`);
      rmSync(out, { recursive: true, force: true });
    }
    console.log(
      `trainings: ${killed} kills in ${runs} trainings (${beforeCheckpoint} of them before the first checkpoint); ${same} of ${runs} ended with the weights and the plan of an uninterrupted training (${Math.round(lengthMs / 1000)} s), bit for bit`,
    );
    if (same < runs) process.exitCode = 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function trainingOf(cohort: string, out: string, resume = false): string[] {
  const same = [
    'train',
    cohort,
    '--preset',
    'seed',
    '--engine',
    'cpu',
    '--epochs',
    '3',
    '--threads',
    '1',
    '--out',
    out,
  ];
  return resume ? [...same, '--resume'] : same;
}

/** @param killAfterMs null: it may end. @returns whether it came to its end */
async function trainFor(args: readonly string[], killAfterMs: number | null): Promise<boolean> {
  const child = spawn(process.execPath, [path.join('dist', 'cli.js'), ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
    // The engine is a process of its own: both die, as when a machine loses power.
    detached: true,
  });
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-2000);
  });
  const ended = endOf(child);
  const isOver =
    killAfterMs === null
      ? await ended.then(() => true)
      : await Promise.race([ended.then(() => true), sleep(killAfterMs, false)]);
  if (!isOver) {
    process.kill(-(child.pid as number), 'SIGKILL');
    await ended;
    return false;
  }
  if (child.exitCode !== 0) throw new Error(`${args.join(' ')} ended with ${child.exitCode}: ${said}`);
  return true;
}

/** Of the weights and the plan of the newest version. */
async function modelDigest(out: string): Promise<string> {
  const versions = new ModelVersions(out);
  const newest = (await versions.list()).at(-1);
  if (newest === undefined) throw new Error(`${out} has no version.`);
  const onnx = new Uint8Array(readFileSync(path.join(versions.folderOf(newest), 'model.onnx')));
  const digest = createHash('sha256').update(readModelMetadata(onnx)[PLAN_METADATA_KEY] as string);
  for (const [name, { shape, data }] of readModelWeights(onnx)) {
    digest.update(`${name} ${shape.join(' ')}`).update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  return digest.digest('hex');
}

function endOf(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once('close', () => resolve());
  });
}
