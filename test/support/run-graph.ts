import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import type { TensorValue } from '../../src/core/net/graph/network-engine.ts';
import { knownShape } from '../../src/core/net/graph/shape.ts';
import type { LoweringTarget, Tensor } from '../../src/core/net/graph/tensor.ts';
import { lower } from '../../src/core/net/onnx/lower.ts';
import { writeModel } from '../../src/core/net/onnx/write-model.ts';
import { cpuTarget } from '../../src/engine/engines/onnx-runtime/channel-block.ts';
import { loadRuntime } from '../../src/engine/engines/onnx-runtime/load-runtime.ts';

/** What the engine trains with on this machine: kernels for blocks of channels where the processor has them. */
export const machineTarget: LoweringTarget = await cpuTarget(await loadRuntime());

/** A compiled tensor graph: runs it on values by input name and gives its outputs by name. */
export interface RunnableGraph {
  run(values: Readonly<Record<string, Float32Array>>): Promise<Record<string, TensorValue>>;
  release(): Promise<void>;
}

/** Compiles a tensor graph with static shapes and loads it into ONNX Runtime on the CPU. */
export async function compile(
  inputs: readonly Tensor[],
  outputs: Readonly<Record<string, Tensor>>,
  target: LoweringTarget,
): Promise<RunnableGraph> {
  const bytes = writeModel(lower({ inputs, outputs, target }));
  const session = await InferenceSession.create(bytes, { intraOpNumThreads: 1, logSeverityLevel: 3 });
  const shapeOf = new Map(inputs.map((tensor) => [nameOf(tensor), knownShape(tensor.shape)]));
  return {
    run: async (values) => {
      const feeds = Object.entries(values).map(([name, data]) => [
        name,
        new OrtTensor('float32', data, shapeOf.get(name)),
      ]);
      const results = await session.run(Object.fromEntries(feeds));
      return Object.fromEntries(
        Object.entries(results).map(([name, value]) => [
          name,
          { data: Float32Array.from(value.data as Float32Array), shape: [...value.dims] },
        ]),
      );
    },
    release: () => session.release(),
  };
}

/** Compiles, runs once, and lets go. */
export async function evaluate(
  output: Tensor,
  values: ReadonlyMap<Tensor, Float32Array>,
  target: LoweringTarget = 'cpu',
): Promise<TensorValue> {
  const graph = await compile([...values.keys()], { output }, target);
  const named = [...values].map(([tensor, data]) => [nameOf(tensor), data] as const);
  const { output: result } = await graph.run(Object.fromEntries(named));
  await graph.release();
  return result as TensorValue;
}

export function nameOf(tensor: Tensor): string {
  if (tensor.source.kind !== 'input') throw new Error('Only inputs have names.');
  return tensor.source.name;
}
