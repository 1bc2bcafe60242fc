import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { buildSync } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { CancelSource } from '../../src/core/cancel.ts';
import type { TrainProgress } from '../../src/core/protocol/engine/train.ts';
import { CohortStore } from '../../src/node/cohort/state/cohort-store.ts';
import { EngineDeaths } from '../../src/node/engine-link/engine-deaths.ts';
import { EngineVerdicts } from '../../src/node/engine-link/engine-verdicts.ts';
import { forkTransport } from '../../src/node/engine-link/fork/fork-transport.ts';
import { type RunningEngine, startEngine } from '../../src/node/engine-link/start-engine.ts';
import { userCacheFolder } from '../../src/node/files/user-cache-folder.ts';
import { ballCohort } from '../support/ball-cohort.ts';
import { bundleWorkers } from '../support/loader-file.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const root = resolve(import.meta.dirname, '../..');
// Inside the repository, so that the bundle finds ONNX Runtime.
const folder = join(root, 'node_modules', `.test-engine-${process.pid}`);
const entry = join(folder, 'engine.cjs');

beforeAll(() => {
  mkdirSync(folder, { recursive: true });
  buildSync({
    entryPoints: [join(root, 'src/engine/main.ts')],
    outfile: entry,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    external: ['onnxruntime-node', 'onnxruntime-web'],
    logLevel: 'error',
  });
  bundleWorkers(folder);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function start(): RunningEngine & { readonly logged: string[] } {
  const logged: string[] = [];
  const engine = startEngine(forkTransport(entry), {
    threads: 1,
    background: true,
    onLog: (level, message) => logged.push(`${level}: ${message}`),
  });
  onTestFinished(() => engine.stop());
  return { ...engine, logged };
}

const longTraining = { preset: 'auto', engine: 'cpu', epochs: 100_000, seed: 1 } as const;

/** Resolves with the first report that fits. */
function untilReport(fits: (report: TrainProgress) => boolean) {
  let onProgress: (report: TrainProgress) => void = () => undefined;
  const seen = new Promise<void>((settle) => {
    onProgress = (report) => {
      if (fits(report)) settle();
    };
  });
  return { seen, onProgress };
}

describe('the engine process', () => {
  it('says which engines start', async () => {
    const { engines, chosen } = await start().endpoint.request('engines', { again: false });
    expect(engines.map(({ id }) => id)).toEqual(expect.arrayContaining(['cpu', 'wasm']));
    expect(engines.find(({ id }) => id === chosen.train)?.verdict).toMatchObject({ starts: true, trains: true });
  });

  it('trains and predicts for its parent, with progress', async () => {
    const cohort = await ballCohort(4);
    const { endpoint, logged } = start();
    const reports: TrainProgress[] = [];
    const trained = await endpoint.request(
      'train',
      { ...longTraining, cohortRoot: cohort.root, epochs: 2 },
      { onProgress: (report) => reports.push(report) },
    );
    expect(trained).toMatchObject({ version: 1, stopped: false });
    expect(reports.at(-1)?.phase).toBe('evaluating');
    expect(logged).toContain('info: Training on 3 cases, tuning on 0, judging on 1.');
    const predicted = await endpoint.request('predict', {
      channels: [cohort.image('ball_0')],
      timeIndex: 0,
      model: trained.modelDir,
      engine: 'cpu',
      output: { kind: 'proposal', folder: join(cohort.root, '.voxel-loop', 'proposals', 'ball_0') },
    });
    expect(existsSync(predicted.path)).toBe(true);
  });

  it('keeps the code of what went wrong', async () => {
    const cohort = await ballCohort(1, 0);
    const request = start().endpoint.request('train', { ...longTraining, cohortRoot: cohort.root });
    await expect(request).rejects.toMatchObject({ code: 'split', message: expect.stringContaining('accept') });
  });

  it('stops training when asked to, and keeps the best so far', async () => {
    const cohort = await ballCohort(4);
    const source = new CancelSource();
    const { seen, onProgress } = untilReport(({ epoch }) => epoch >= 3);
    const training = start().endpoint.request(
      'train',
      { ...longTraining, cohortRoot: cohort.root },
      { signal: source.signal, onProgress },
    );
    await Promise.race([seen, training]);
    source.cancel();
    expect(await training).toMatchObject({ stopped: true, version: 1 });
  });

  it('killed while training, rejects what is pending and leaves a cohort that trains again', async () => {
    const cohort = await ballCohort(4);
    const engine = start();
    const { seen, onProgress } = untilReport(({ epoch }) => epoch >= 2);
    const training = engine.endpoint.request('train', { ...longTraining, cohortRoot: cohort.root }, { onProgress });
    const outcome = expect(training).rejects.toMatchObject({ code: 'engine-died' });
    await Promise.race([seen, training]);
    process.kill(engine.pid as number, 'SIGKILL');
    await outcome;
    expect(await engine.exited).toBe('signal SIGKILL');
    expect(await new CohortStore(cohort.root).models.list()).toEqual([]);
    const again = await start().endpoint.request('train', { ...longTraining, cohortRoot: cohort.root, epochs: 1 });
    // One epoch makes no version that becomes active by itself.
    expect(again.version).toBe(1);
  });

  it('killed while predicting, says what ran and where that was chosen', async () => {
    const cohort = await ballCohort(4);
    const trained = await start().endpoint.request('train', { ...longTraining, cohortRoot: cohort.root, epochs: 1 });
    const engine = start();
    const params = {
      channels: [cohort.image('ball_0')],
      timeIndex: 0,
      model: trained.modelDir,
      engine: 'wasm' as const,
      output: { kind: 'labels' as const, path: join(cohort.root, 'out.nii.gz') },
    };
    const predicting = new EngineDeaths().watch(params, (given, runs) =>
      engine.endpoint.request('predict', given, {
        onProgress: (report) => {
          runs(report.engine);
          if (report.engine) process.kill(engine.pid as number, 'SIGKILL');
        },
      }),
    );
    await expect(predicting).rejects.toThrow(
      'The compute engine stopped unexpectedly (signal SIGKILL) while ONNX Runtime WASM predicted. That engine was chosen: set voxelLoop.engine (--engine on the command line) to "auto" or another one before you retry.',
    );
  });

  it('ends when its parent lets go, even in the middle of work', async () => {
    const cohort = await ballCohort(4);
    const engine = start();
    const { seen, onProgress } = untilReport(({ phase }) => phase === 'training');
    const training = engine.endpoint.request('train', { ...longTraining, cohortRoot: cohort.root }, { onProgress });
    const outcome = expect(training).rejects.toMatchObject({ code: 'engine-died' });
    await Promise.race([seen, training]);
    await engine.stop();
    await outcome;
  });

  it('does not take Ctrl+C for its own: the parent decides', async () => {
    const engine = start();
    await engine.endpoint.request('engines', { again: false });
    process.kill(engine.pid as number, 'SIGINT');
    expect(await engine.endpoint.request('engines', { again: false })).toBeDefined();
  });

  it('is held against the engine that it tried when it ends by itself, not when it is told to', async () => {
    const [cache, before] = [temporaryFolder(), process.env.XDG_CACHE_HOME];
    process.env.XDG_CACHE_HOME = cache;
    onTestFinished(() => {
      if (before === undefined) delete process.env.XDG_CACHE_HOME;
      else process.env.XDG_CACHE_HOME = before;
    });
    // A process that tries an engine and is never done.
    const script = join(folder, 'trying.cjs');
    buildSync({
      stdin: {
        contents: `import { EngineVerdicts } from './src/node/engine-link/engine-verdicts.ts';
          const name = process.argv.find((each) => each.startsWith('--process='))!.slice('--process='.length);
          const verdicts = new EngineVerdicts(process.env.TEST_CACHE!, 'this machine', name);
          verdicts.begin('webgpu').then(() => console.log('tries'));
          process.on('disconnect', () => process.exit(0));`,
        resolveDir: root,
        loader: 'ts',
      },
      outfile: script,
      bundle: true,
      platform: 'node',
      format: 'cjs',
      logLevel: 'error',
    });
    process.env.TEST_CACHE = userCacheFolder();
    onTestFinished(() => void delete process.env.TEST_CACHE);
    const verdict = () => new EngineVerdicts(userCacheFolder(), 'this machine', 'this process').read('webgpu');
    const tries = () =>
      new Promise<RunningEngine>((settle) => {
        const engine = startEngine(forkTransport(script), { onLog: () => settle(engine) });
        onTestFinished(() => engine.stop());
      });

    await (await tries()).stop();
    expect(await verdict()).toBeNull();
    const engine = await tries();
    process.kill(engine.pid ?? 0, 'SIGKILL');
    await engine.exited;
    expect((await verdict())?.findings).toMatch(/driver ended the whole process/);
  });
});
