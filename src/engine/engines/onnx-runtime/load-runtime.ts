import { createRequire } from 'node:module';
import type { InferenceSession, Tensor } from 'onnxruntime-common';
import { VoxelLoopError } from '../../../core/errors.ts';
import { CudaRuntime } from './cuda/cuda-runtime.ts';
import type { ProviderFacts } from './providers.ts';

/** What both packages of ONNX Runtime have; only this file imports them, and only when an engine is asked for. */
export interface OnnxRuntime {
  readonly InferenceSession: typeof InferenceSession;
  readonly Tensor: typeof Tensor;
}

/** ONNX Runtime is not installed, or has no binary for this platform. */
export class RuntimeMissingError extends VoxelLoopError {
  readonly code = 'onnx-runtime-missing';
}

/**
 * Loads a package of ONNX Runtime when it is asked for, because it is large and everything that does not run a network
 * works without it.
 *
 * @param threads those of WASM, which takes them once for the whole process; the native runtime takes them with each
 * session
 * @throws RuntimeMissingError
 */
export async function loadRuntime(kind: ProviderFacts['runtime'] = 'native', threads?: number): Promise<OnnxRuntime> {
  return kind === 'native' ? loadNative() : loadWasm(threads);
}

async function loadNative(): Promise<OnnxRuntime> {
  try {
    return withCuda() ?? exportsOf(await import('onnxruntime-node'));
  } catch (cause) {
    throw new RuntimeMissingError(
      `ONNX Runtime has no working binary for ${process.platform}-${process.arch}: install the build of Voxel Loop for this platform.`,
      { cause },
    );
  }
}

/** Loads the copy that has CUDA beside it, where the user has installed that. It has all the other providers too. */
function withCuda(): OnnxRuntime | null {
  if (!CudaRuntime.isPossible) return null;
  const cuda = new CudaRuntime();
  if (!cuda.isInstalled) return null;
  try {
    return createRequire(cuda.entry)('onnxruntime-node') as OnnxRuntime;
  } catch {
    // The copy lies in a cache folder, where anybody may have removed parts of it. The one that came with Voxel Loop is
    // whole.
    return null;
  }
}

async function loadWasm(threads: number | undefined): Promise<OnnxRuntime> {
  try {
    const runtime = exportsOf(await import('onnxruntime-web'));
    runtime.env.logLevel = 'error';
    if (threads !== undefined) runtime.env.wasm.numThreads = threads;
    return runtime;
  } catch (cause) {
    throw new RuntimeMissingError('ONNX Runtime WASM is not installed: install Voxel Loop again.', { cause });
  }
}

/**
 * Returns the exports of a CommonJS package: they are on the namespace, on its default, or both, depending on the
 * bundler.
 */
function exportsOf<Module extends object>(module: Module & { readonly default?: Module }): Module {
  return 'InferenceSession' in module ? module : (module.default as Module);
}
