import type { EngineEntry } from './engine-entry.ts';
import { onnxRuntime } from './onnx-runtime.ts';
import { tensorFlow } from './tensorflow.ts';

const { cuda, webgpu, coreml, directml, cpu, wasm } = onnxRuntime;

/**
 * Every engine. The order is that in which users read them and that in which they are most likely fast: what needs a
 * GPU comes first, then what runs everywhere.
 */
export const engines = [
  cuda,
  webgpu,
  coreml,
  directml,
  tensorFlow,
  cpu,
  wasm,
] as const satisfies readonly EngineEntry[];
