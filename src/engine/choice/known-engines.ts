import type { EngineId } from '../../core/engines/engine-id.ts';
import type { NetworkEngine } from '../../core/net/graph/network-engine.ts';
import { findTensorFlow, TensorFlowError, type TensorFlowPackage } from '../../node/engine-link/tensorflow-package.ts';
import { deviceMemory } from '../device/device-memory.ts';
import { cudaObstacle } from '../engines/onnx-runtime/cuda/cuda-runtime.ts';
import { loadRuntime } from '../engines/onnx-runtime/load-runtime.ts';
import { createOnnxEngine, type OnnxEngineOptions } from '../engines/onnx-runtime/onnx-engine.ts';
import { type ProviderFacts, providers, providersOf, thisPlatform } from '../engines/onnx-runtime/providers.ts';
import { missingCudaLibraries } from '../engines/tensorflow/cuda-libraries.ts';
import { loadTensorFlow } from '../engines/tensorflow/load-tensorflow.ts';
import { TensorFlowEngine } from '../engines/tensorflow/tensorflow-engine.ts';

/** What is known of an engine before it is started. */
interface EngineTraits {
  /** What the user reads. */
  readonly name: string;
  readonly onGpu: boolean;
  /** See `ProviderFacts`. */
  readonly reducedPrecision: boolean;
  readonly cpuNodes: ProviderFacts['cpuNodes'];
}

/** The engines that there can be in this process: ONNX Runtime's providers, and TensorFlow.js where the user has installed it. */
export class KnownEngines {
  #nativeProblem: Promise<string | null> | undefined;

  /** @param tensorFlowFolder where TensorFlow.js was installed (see `findTensorFlow`); null: nowhere */
  constructor(private readonly tensorFlowFolder: string | null) {}

  /** Most likely fastest first. */
  candidates(): readonly EngineId[] {
    const known: readonly EngineId[] = providersOf(thisPlatform());
    if (this.tensorFlowFolder === null) return known;
    const isOnCpu = (id: EngineId) => id === 'cpu' || id === 'wasm';
    return [...known.filter((id) => !isOnCpu(id)), 'tensorflow', ...known.filter(isOnCpu)];
  }

  /** What the others are compared with: the native CPU; WASM where the native library cannot be loaded. */
  async reference(): Promise<EngineId> {
    return this.candidates().includes('cpu') && (await this.obstacle('cpu')) === null ? 'cpu' : 'wasm';
  }

  /**
   * Why an engine cannot be tried at all, in a few words; null: it can. It changes with what the user installs, and is quickly asked.
   */
  async obstacle(id: EngineId): Promise<string | null> {
    if (id === 'tensorflow' || providers[id].runtime !== 'native') return null;
    this.#nativeProblem ??= nativeProblem();
    return (await this.#nativeProblem) ?? (id === 'cuda' ? cudaObstacle() : null);
  }

  /** @throws TensorFlowError, RuntimeMissingError */
  async start(id: EngineId, options: OnnxEngineOptions = {}): Promise<NetworkEngine> {
    if (id !== 'tensorflow') return createOnnxEngine(id, options);
    if (this.tensorFlowFolder === null) throw notInstalled();
    const { name, onGpu } = this.traits(id);
    const tensorFlow = loadTensorFlow(this.tensorFlowFolder, options.threads);
    return new TensorFlowEngine(tensorFlow, name, onGpu, onGpu ? await deviceMemory('nvidia') : undefined);
  }

  traits(id: EngineId): EngineTraits {
    if (id !== 'tensorflow') return providers[id];
    const found = this.#tensorFlow();
    if (found instanceof TensorFlowError) {
      return { name: 'TensorFlow', onGpu: false, reducedPrecision: false, cpuNodes: 'none' };
    }
    // On newer cards it multiplies in TF32.
    const { isForGpu } = found;
    const name = isForGpu ? 'TensorFlow GPU' : 'TensorFlow CPU';
    return { name, onGpu: isForGpu, reducedPrecision: isForGpu, cpuNodes: 'none' };
  }

  /**
   * What a verdict on this engine is about, as far as it does not come with Voxel Loop: a package that is replaced or
   * repaired, or CUDA installed beside it, is another engine.
   */
  subject(id: EngineId): string {
    if (id !== 'tensorflow') return id;
    const found = this.#tensorFlow();
    if (found instanceof TensorFlowError) return `${id}: ${found.message}`;
    const { driver, toolkit } = found.isForGpu ? missingCudaLibraries() : { driver: null, toolkit: [] };
    const missing = [...(driver === null ? [] : [driver]), ...toolkit];
    return [`${id}: ${found.name} ${found.version} in ${found.folder}`, ...missing].join(', without ');
  }

  #tensorFlow(): TensorFlowPackage | TensorFlowError {
    if (this.tensorFlowFolder === null) return notInstalled();
    try {
      return findTensorFlow(this.tensorFlowFolder);
    } catch (error) {
      if (error instanceof TensorFlowError) return error;
      throw error;
    }
  }
}

/** Most often an old system's C library; the system's own words name it. Null: it loads. */
async function nativeProblem(): Promise<string | null> {
  try {
    await loadRuntime('native');
    return null;
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    const words = cause instanceof Error ? cause.message : String(cause);
    return `ONNX Runtime's native library does not load: ${words.split('\n')[0]}`;
  }
}

function notInstalled(): TensorFlowError {
  return new TensorFlowError(
    'not-installed',
    'TensorFlow.js is not installed: run "Voxel Loop: Install TensorFlow GPU Engine", or name its folder in voxelLoop.tensorflow.path (--tensorflow on the command line).',
  );
}
