import type { EngineEntry } from './engine-entry.ts';

export const tensorFlow = {
  id: 'tensorflow',
  description: 'TensorFlow.js, where it is installed: NVIDIA GPUs on Linux and Windows, with CUDA 11.2 and cuDNN 8.1',
  package: {
    title: 'TensorFlow',
    library: 'TensorFlow.js',
    packages: '@tensorflow/tfjs-node-gpu or tfjs-node',
    installCommand: 'installTensorFlow',
  },
} as const satisfies EngineEntry;
