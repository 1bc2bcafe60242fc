import { Endpoint, type MessageChannelPort } from '../core/protocol/endpoint.ts';
import {
  type EngineContract,
  type EngineParentContract,
  engineContract,
  engineParentContract,
} from '../core/protocol/engine/engine-contract.ts';
import { EngineVerdicts } from '../node/engine-link/engine-verdicts.ts';
import type { EngineSettings } from '../node/engine-link/transport.ts';
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
import type { TrainContext } from './jobs/train/training-run.ts';

export interface EngineProgram {
  /** Voxel Loop comes with engines of its own, so its version stands for theirs. */
  readonly version: string;
  readonly workerFiles: TrainContext['workerFiles'];
}

/** Answers `engineContract` on a port, whatever transport it belongs to. */
export function serveEngine(
  port: MessageChannelPort,
  { name, threads, folders }: Pick<EngineSettings, 'name' | 'threads' | 'folders'>,
  { version, workerFiles }: EngineProgram,
): Endpoint<EngineContract, EngineParentContract> {
  const log = (level: 'info' | 'warning' | 'error', message: string) => endpoint.emit('log', { level, message });
  const known = new KnownEngines(folders);
  const verdicts = new EngineVerdicts(userCacheFolder(), machineKey([version, ...known.sharedParts()]), name);
  const engines = new Engines(threads, new EngineTrials(known, verdicts), (message) => log('info', message));
  const endpoint: Endpoint<EngineContract, EngineParentContract> = new Endpoint(
    port,
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
  return endpoint;
}
