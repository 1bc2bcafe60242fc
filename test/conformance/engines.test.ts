import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { describe } from 'vitest';
import { createOnnxEngine } from '../../src/engine/engines/onnx-runtime/onnx-engine.ts';
import { TensorFlowEngine } from '../../src/engine/engines/tensorflow/tensorflow-engine.ts';
import { engineSuite } from './engine-suite.ts';

/** One suite over every engine that can run here, each compared with ONNX Runtime on the CPU with one thread. */
const reference = () => createOnnxEngine('cpu', { threads: 1 });

describe('ONNX Runtime CPU with two threads', () =>
  engineSuite(() => createOnnxEngine('cpu', { threads: 2 }), reference));

describe('ONNX Runtime WASM', () => engineSuite(() => createOnnxEngine('wasm', { threads: 1 }), reference));

describe('TensorFlow.js on its plain CPU backend', () =>
  engineSuite(async () => new TensorFlowEngine(tf, 'TensorFlow.js', false), reference));
