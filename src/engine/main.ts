import { existsSync, readFileSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { type EngineFolders, packagedEngines } from '../core/engines/engine-packages.ts';
import { Endpoint } from '../core/protocol/endpoint.ts';
import {
  type EngineContract,
  type EngineParentContract,
  engineContract,
  engineParentContract,
} from '../core/protocol/engine/engine-contract.ts';
import { EngineVerdicts } from '../node/engine-link/engine-verdicts.ts';
import { processPort } from '../node/engine-link/process-port.ts';
import { userCacheFolder } from '../node/files/user-cache-folder.ts';
import { EngineTrials } from './choice/engine-trials.ts';
import { Engines } from './choice/engines.ts';
import { KnownEngines } from './choice/known-engines.ts';
import { machineKey } from './choice/machine-key.ts';
import { compareLabels } from './jobs/compare-labels.ts';
import { compareModels } from './jobs/compare-models.ts';
import { findCudaSupport, installCudaSupport } from './jobs/install-cuda.ts';
import { findInterruptedTraining } from './jobs/interrupted-training.ts';
import { planTraining } from './jobs/plan-training.ts';
import { predict } from './jobs/predict.ts';
import { previewAugmentation } from './jobs/preview-augmentation.ts';
import { train } from './jobs/train/train.ts';

/**
 * Whoever labels goes first. On Windows the lowest class runs only when nothing else wants to, which on a busy machine is never.
 */
const { PRIORITY_BELOW_NORMAL, PRIORITY_LOW } = constants.priority;
const BACKGROUND_PRIORITY = process.platform === 'win32' ? PRIORITY_BELOW_NORMAL : PRIORITY_LOW;

/**
 * The compute process: answers `engineContract` on Node's IPC channel (see `startEngineProcess`).
 * Arguments: `--threads=N` networks may use; `--background`: low priority; `--folder-ENGINE=DIR`: where an engine's package lies;
 * `--process=NAME`: what the parent calls this process.
 */
function main(): void {
  if (!process.send) {
    process.stderr.write('This is the compute process of Voxel Loop: it is started by the extension or the CLI.\n');
    process.exitCode = 2;
    return;
  }
  const threads = argument('threads');
  if (process.argv.includes('--background')) setPriority(BACKGROUND_PRIORITY);

  const log = (level: 'info' | 'warning' | 'error', message: string) => endpoint.emit('log', { level, message });
  const known = new KnownEngines(engineFolders());
  const verdicts = new EngineVerdicts(
    userCacheFolder(),
    machineKey([productVersion(), ...known.sharedParts()]),
    argument('process') ?? 'nobody',
  );
  const engines = new Engines(
    threads === undefined ? undefined : Number(threads),
    new EngineTrials(known, verdicts),
    (message) => log('info', message),
  );
  const workerFiles = {
    loader: join(__dirname, 'loader-worker.js'),
    checkpoints: join(__dirname, 'checkpoint-worker.js'),
  };
  const endpoint: Endpoint<EngineContract, EngineParentContract> = new Endpoint(
    processPort(process),
    engineContract,
    {
      predict: (params, context) => predict(params, { ...context, engines, log }),
      train: (params, context) => train(params, { ...context, engines, workerFiles, log }),
      planTraining: (params, { signal }) => planTraining(params, { engines, signal }),
      interruptedTraining: (params) => findInterruptedTraining(params, engines),
      previewAugmentation: (params, context) => previewAugmentation(params, context.signal),
      compareLabels: (params, { signal, progress }) => compareLabels(params, signal, progress),
      compareModels: (params, context) => compareModels(params, { ...context, engines, log }),
      engines: ({ again }, { signal }) => engines.report(again, signal),
      cudaSupport: (_, { signal }) => findCudaSupport(signal),
      installCuda: (_, { signal, progress }) => installCudaSupport(signal, progress),
    },
    engineParentContract,
    (error) => log('error', error.stack ?? error.message),
  );
  // The parent is gone, or has let go: nobody will hear an answer. Work in a native library cannot be waited for.
  process.on('disconnect', () => process.exit(0));
  // A terminal sends Ctrl+C to every process of the job, a batch system SIGTERM when a job's time is over. What it means
  // is for the parent to say: keep the best so far.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined);
  process.on('unhandledRejection', (reason) => {
    log('error', reason instanceof Error ? (reason.stack ?? reason.message) : String(reason));
  });
}

/** The value of `--name=value`. */
function argument(name: string): string | undefined {
  const prefix = `--${name}=`;
  return process.argv.find((each) => each.startsWith(prefix))?.slice(prefix.length);
}

function engineFolders(): EngineFolders {
  const given = packagedEngines.map(({ id }) => [id, argument(`folder-${id}`)] as const);
  return Object.fromEntries(given.filter(([, folder]) => folder !== undefined));
}

/** It comes with engines of its own, so it stands for theirs. Tests start this program apart from the product. */
function productVersion(): string {
  const path = join(__dirname, '..', 'package.json');
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version : 'none';
}

main();
