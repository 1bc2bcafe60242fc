import { thisPlatform } from '../../device/platform.ts';
import type { EngineModule, EngineModuleMaker } from '../engine-module.ts';
import { CudaRuntime, cudaObstacle } from './cuda/cuda-runtime.ts';
import { loadRuntime } from './load-runtime.ts';
import { createOnnxEngine } from './onnx-engine.ts';
import { onnxFailureWords } from './onnx-failure-words.ts';
import { type Provider, providers, providersOf } from './providers.ts';

/** Each of ONNX Runtime's execution providers as an engine. */
export const onnxRuntimeModules: Readonly<Record<Provider, EngineModuleMaker>> = {
  cuda: () => onnxRuntimeModule('cuda'),
  webgpu: () => onnxRuntimeModule('webgpu'),
  coreml: () => onnxRuntimeModule('coreml'),
  directml: () => onnxRuntimeModule('directml'),
  cpu: () => onnxRuntimeModule('cpu'),
  wasm: () => onnxRuntimeModule('wasm'),
};

function onnxRuntimeModule(provider: Provider): EngineModule {
  let problem: Promise<string | undefined> | undefined;
  return {
    id: provider,
    isPossible: providersOf(thisPlatform()).includes(provider),
    traits: providers[provider],
    async obstacle() {
      if (providers[provider].runtime !== 'native') return undefined;
      problem ??= nativeProblem();
      return (await problem) ?? (provider === 'cuda' ? ((await cudaObstacle()) ?? undefined) : undefined);
    },
    start: (options) => createOnnxEngine(provider, options),
    parts: () => '',
    failureWords: onnxFailureWords[provider],
    sharedParts: () => (provider === 'cuda' ? cudaVersion() : []),
  };
}

/**
 * Says why the native library does not load, most often because the system's C library is old; its own words name the
 * reason.
 */
async function nativeProblem(): Promise<string | undefined> {
  try {
    await loadRuntime('native');
    return undefined;
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    const words = cause instanceof Error ? cause.message : String(cause);
    return `ONNX Runtime's native library does not load: ${words.split('\n')[0]}`;
  }
}

/** Names the version of CUDA's library. With it comes a copy of the whole runtime, which then runs every provider. */
function cudaVersion(): string[] {
  if (!CudaRuntime.isPossible) return [];
  const { isInstalled, version } = new CudaRuntime();
  return isInstalled ? [`CUDA for ONNX Runtime ${version}`] : [];
}
