import type { onnxRuntime } from '../../../core/engines/onnx-runtime.ts';
import type { Platform } from '../../device/platform.ts';
import type { EngineTraits } from '../engine-module.ts';

/** ONNX Runtime's execution providers that Voxel Loop runs networks on. */
export type Provider = keyof typeof onnxRuntime;

export interface ProviderFacts extends EngineTraits {
  /**
   * The package that has it is the native one, or the one for browsers, which is the same program compiled to
   * WebAssembly.
   */
  readonly runtime: 'native' | 'wasm';
  /** ONNX Runtime's session options call it so. */
  readonly executionProvider: string;
}

export const providers: Readonly<Record<Provider, ProviderFacts>> = {
  cuda: {
    name: 'ONNX Runtime CUDA',
    runtime: 'native',
    executionProvider: 'cuda',
    onGpu: true,
    reducedPrecision: true,
    cpuNodes: 'counted',
    isReference: false,
  },
  webgpu: {
    name: 'ONNX Runtime WebGPU',
    runtime: 'native',
    executionProvider: 'webgpu',
    onGpu: true,
    reducedPrecision: false,
    cpuNodes: 'refused',
    isReference: false,
  },
  coreml: {
    name: 'ONNX Runtime CoreML',
    runtime: 'native',
    executionProvider: 'coreml',
    onGpu: true,
    reducedPrecision: true,
    cpuNodes: 'counted',
    isReference: false,
  },
  directml: {
    name: 'ONNX Runtime DirectML',
    runtime: 'native',
    executionProvider: 'dml',
    onGpu: true,
    reducedPrecision: false,
    cpuNodes: 'counted',
    isReference: false,
  },
  cpu: {
    name: 'ONNX Runtime CPU',
    runtime: 'native',
    executionProvider: 'cpu',
    onGpu: false,
    reducedPrecision: false,
    cpuNodes: 'none',
    isReference: true,
  },
  wasm: {
    name: 'ONNX Runtime WASM',
    runtime: 'wasm',
    executionProvider: 'wasm',
    onGpu: false,
    reducedPrecision: false,
    cpuNodes: 'none',
    isReference: true,
  },
};

/**
 * The providers that onnxruntime-node 1.30 brings besides the CPU, by platform and architecture. CUDA's library is
 * downloaded apart.
 */
const NATIVE: Readonly<Record<string, readonly Provider[]>> = {
  'linux-x64': ['cuda', 'webgpu'],
  'linux-arm64': [],
  'darwin-arm64': ['webgpu', 'coreml'],
  'win32-x64': ['webgpu', 'directml'],
  'win32-arm64': ['webgpu', 'directml'],
};

/**
 * Lists the providers that there can be on a platform, the one that is most likely fastest first. WASM is slower than
 * the native CPU provider wherever that exists, so it is the last resort.
 */
export function providersOf({ platform, arch, isMusl }: Platform): readonly Provider[] {
  const native = isMusl ? undefined : NATIVE[`${platform}-${arch}`];
  return native === undefined ? ['wasm'] : [...native, 'cpu', 'wasm'];
}
