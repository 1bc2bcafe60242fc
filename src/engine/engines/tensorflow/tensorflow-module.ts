import {
  findTensorFlow,
  TensorFlowError,
  type TensorFlowPackage,
} from '../../../node/engines/tensorflow/tensorflow-package.ts';
import { deviceMemory } from '../../device/device-memory.ts';
import type { EngineModule, EngineTraits } from '../engine-module.ts';
import { cudaWords, type FailureWords, wordsOf } from '../failure-words.ts';
import { missingCudaLibraries } from './cuda-libraries.ts';
import { loadTensorFlow } from './load-tensorflow.ts';
import { TensorFlowEngine } from './tensorflow-engine.ts';

/** TensorFlow names the tensor that did not fit. */
const ownWords: FailureWords = { outOfMemory: [/\bOOM when allocating|RESOURCE_EXHAUSTED/i], deviceLost: [] };

/**
 * TensorFlow.js where the user has installed it, for the GPU or for the CPU. It is looked for each time, because it may
 * come and go.
 */
export function tensorFlowModule(folder: string | undefined): EngineModule {
  return {
    id: 'tensorflow',
    isPossible: folder !== undefined,
    get traits() {
      return traitsOf(find(folder));
    },
    async obstacle() {
      const found = find(folder);
      return found instanceof TensorFlowError ? found.message.replace(/\.$/, '') : undefined;
    },
    async start({ threads }) {
      if (folder === undefined) throw notInstalled();
      const { name, onGpu } = traitsOf(find(folder));
      const tensorFlow = loadTensorFlow(folder, threads);
      return new TensorFlowEngine(tensorFlow, name, onGpu, onGpu ? await deviceMemory('nvidia') : undefined);
    },
    parts: () => partsOf(find(folder)),
    sharedParts: () => [],
    failureWords: wordsOf(ownWords, cudaWords),
  };
}

function traitsOf(found: TensorFlowPackage | TensorFlowError): EngineTraits {
  if (found instanceof TensorFlowError) {
    return { name: 'TensorFlow', onGpu: false, reducedPrecision: false, cpuNodes: 'none', isReference: false };
  }
  // On newer cards TensorFlow multiplies in TF32.
  const { isForGpu } = found;
  const name = isForGpu ? 'TensorFlow GPU' : 'TensorFlow CPU';
  return { name, onGpu: isForGpu, reducedPrecision: isForGpu, cpuNodes: 'none', isReference: false };
}

/**
 * Says what the engine consists of: a package that is replaced or repaired, or CUDA installed beside it, is another
 * engine.
 */
function partsOf(found: TensorFlowPackage | TensorFlowError): string {
  if (found instanceof TensorFlowError) return found.message;
  const { driver, toolkit } = found.isForGpu ? missingCudaLibraries() : { driver: null, toolkit: [] };
  const missing = [...(driver === null ? [] : [driver]), ...toolkit];
  return [`${found.name} ${found.version} in ${found.folder}`, ...missing].join(', without ');
}

function find(folder: string | undefined): TensorFlowPackage | TensorFlowError {
  if (folder === undefined) return notInstalled();
  try {
    return findTensorFlow(folder);
  } catch (error) {
    if (error instanceof TensorFlowError) return error;
    throw error;
  }
}

function notInstalled(): TensorFlowError {
  return new TensorFlowError(
    'not-installed',
    'TensorFlow.js is not installed: run "Voxel Loop: Install TensorFlow GPU Engine", or name its folder in voxelLoop.tensorflow.path (--tensorflow on the command line).',
  );
}
