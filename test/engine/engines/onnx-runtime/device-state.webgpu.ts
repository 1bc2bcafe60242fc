import type { InferenceSession } from 'onnxruntime-common';
import { describe, expect, it, vi } from 'vitest';
import { initialWeights } from '../../../../src/core/net/initial-weights.ts';
import { trainingModel } from '../../../../src/core/net/training-model.ts';
import type { UNetDescription } from '../../../../src/core/net/unet-description.ts';
import { loadRuntime, type OnnxRuntime } from '../../../../src/engine/engines/onnx-runtime/load-runtime.ts';
import { OnnxEngine } from '../../../../src/engine/engines/onnx-runtime/onnx-engine.ts';

const network: UNetDescription = {
  kind: 'unet',
  spaceAxes: 2,
  inChannels: 1,
  classes: 2,
  baseFilters: 4,
  levels: 1,
  convolutionsPerLevel: 1,
  normalisation: 'instance',
  activation: 'relu',
  upsamplingKernel: 2,
};
const size = 8;

/** Numbers that crossed between the processor's memory and the device in one run of a session. */
interface Transfer {
  readonly toDevice: number;
  readonly fromDevice: number;
}

/** The runtime, with a note of what each run of its sessions moves. */
function watched(runtime: OnnxRuntime): { readonly runtime: OnnxRuntime; readonly transfers: Transfer[] } {
  const transfers: Transfer[] = [];
  const inMemory = (tensors: InferenceSession.OnnxValueMapType) =>
    Object.values(tensors)
      .filter((tensor) => tensor.location === 'cpu')
      .reduce((sum, tensor) => sum + tensor.size, 0);
  const create = async (model: Uint8Array, options: InferenceSession.SessionOptions) => {
    const session = await runtime.InferenceSession.create(model, options);
    const run = session.run.bind(session);
    session.run = async (feeds: InferenceSession.OnnxValueMapType) => {
      const outputs = await run(feeds);
      transfers.push({ toDevice: inMemory(feeds), fromDevice: inMemory(outputs) });
      return outputs;
    };
    return session;
  };
  return { runtime: { ...runtime, InferenceSession: { create } as OnnxRuntime['InferenceSession'] }, transfers };
}

describe('between training steps on WebGPU', () => {
  it('weights and optimizer state stay on the device; they come back when they are asked for', async () => {
    const actual = await loadRuntime();
    const getData = vi.spyOn(actual.Tensor.prototype, 'getData');
    const { runtime, transfers } = watched({ InferenceSession: actual.InferenceSession, Tensor: actual.Tensor });
    const engine = new OnnxEngine(runtime, { provider: 'webgpu' }, 'portable', undefined);
    const weights = initialWeights(network, { kind: 'he', seed: 1 });
    const graph = trainingModel(network, {
      batch: 1,
      height: size,
      width: size,
      loss: 'dice-ce',
      optimizer: { kind: 'adam' },
      target: engine.target,
    });
    const trainer = await engine.createTrainer({ graph, weights });
    const image = { data: new Float32Array(size * size).fill(0.5), shape: [1, 1, size, size] };
    const target = { data: new Float32Array(size * size), shape: [1, size, size] };
    for (let step = 0; step < 3; step++) await trainer.step(image, target, 1e-3);

    const parameters = [...weights.values()].reduce((sum, { data }) => sum + data.length, 0);
    // Image and target, and what changes with every step of Adam, in; the loss out.
    const everyStep = { toDevice: 2 * size * size + 2, fromDevice: 1 };
    expect(transfers).toEqual([{ ...everyStep, toDevice: everyStep.toDevice + 3 * parameters }, everyStep, everyStep]);

    const trained = await trainer.weights();
    expect(transfers.slice(3)).toEqual([{ toDevice: 0, fromDevice: parameters }]);
    expect([...trained.keys()]).toEqual([...weights.keys()]);
    // In onnxruntime-node 1.30 it ends the whole process where the tensor is on the device.
    expect(getData).not.toHaveBeenCalled();
    await engine.close();
  });
});
