import type { EngineEntry } from './engine-entry.ts';

/** The execution providers of ONNX Runtime that Voxel Loop runs networks on, as engines. */
export const onnxRuntime = {
  cuda: {
    id: 'cuda',
    description: 'ONNX Runtime with CUDA: NVIDIA GPUs on Linux, with CUDA 12 and cuDNN 9 installed',
  },
  webgpu: { id: 'webgpu', description: 'ONNX Runtime with WebGPU: any GPU, nothing to install' },
  coreml: { id: 'coreml', description: 'ONNX Runtime with CoreML: Apple silicon' },
  directml: { id: 'directml', description: 'ONNX Runtime with DirectML: any GPU on Windows' },
  cpu: { id: 'cpu', description: 'ONNX Runtime on the CPU' },
  wasm: { id: 'wasm', description: 'ONNX Runtime as WebAssembly on the CPU: slower, runs everywhere' },
} as const satisfies Record<string, EngineEntry>;
