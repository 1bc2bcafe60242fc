import type { EngineId } from '../../core/engines/engine-id.ts';
import type { EngineModuleMaker } from './engine-module.ts';
import { onnxRuntimeModules } from './onnx-runtime/onnx-runtime-modules.ts';
import { tensorFlowModule } from './tensorflow/tensorflow-module.ts';

/** The module that runs each engine of `core/engines/registry.ts`. */
export const engineModules: Readonly<Record<EngineId, EngineModuleMaker>> = {
  ...onnxRuntimeModules,
  tensorflow: tensorFlowModule,
};
