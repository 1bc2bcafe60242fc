import { describe } from 'vitest';
import { createOnnxEngine } from '../../src/engine/engines/onnx-runtime/onnx-engine.ts';
import { engineSuite } from './engine-suite.ts';

describe('ONNX Runtime WebGPU', () =>
  engineSuite(
    () => createOnnxEngine('webgpu'),
    () => createOnnxEngine('cpu', { threads: 1 }),
  ));
