import { afterAll, describe, expect, it } from 'vitest';
import type { TensorValue } from '../../../../src/core/net/graph/network-engine.ts';
import type { LoweringTarget } from '../../../../src/core/net/graph/tensor.ts';
import { initialWeights } from '../../../../src/core/net/initial-weights.ts';
import { trainingModel } from '../../../../src/core/net/training-model.ts';
import { seedUNet, type UNetDescription } from '../../../../src/core/net/unet-description.ts';
import { SeededRandom } from '../../../../src/core/random.ts';
import { createOnnxEngine } from '../../../../src/engine/engines/onnx-runtime/onnx-engine.ts';

const engine = await createOnnxEngine('cpu', { threads: 2 });
afterAll(() => engine.close());

// Channels that fill blocks on every level; the second has fewer in its first level than a block has.
const networks: Record<string, UNetDescription> = {
  normalised: {
    ...seedUNet({ inChannels: 3, classes: 3, baseFilters: 16 }),
    levels: 2,
    normalisation: 'instance',
    activation: 'leaky-relu',
    upsamplingKernel: 2,
  },
  seed: { ...seedUNet({ baseFilters: 8 }), levels: 2 },
};

const [rows, columns] = [24, 20];

async function train(description: UNetDescription, batch: number, target: LoweringTarget) {
  const random = new SeededRandom(batch);
  const pixels = batch * rows * columns;
  const image: TensorValue = {
    data: Float32Array.from({ length: pixels * description.inChannels }, () => random.normal()),
    shape: [batch, description.inChannels, rows, columns],
  };
  const truth: TensorValue = {
    data: Float32Array.from({ length: pixels }, () => random.integer(description.classes + 1) - 1),
    shape: [batch, rows, columns],
  };
  const size = { batch, height: rows, width: columns };
  const graph = trainingModel(description, { ...size, loss: 'dice-ce', optimizer: { kind: 'adam' }, target });
  const weights = initialWeights(description, { kind: 'he', seed: 3 });
  const trainer = await engine.createTrainer({ graph, weights });
  const losses: number[] = [];
  for (let step = 0; step < 4; step++) losses.push(await trainer.step(image, truth, 1e-3));
  const trained = await trainer.weights();
  await trainer.close();
  return { losses, trained };
}

describe.each(Object.entries(networks))('training the %s network as this processor likes it', (_name, description) => {
  it.each([1, 3, 17])('has the losses of the ordinary graph, batch of %i', async (batch) => {
    const [ordinary, own] = [await train(description, batch, 'cpu'), await train(description, batch, engine.target)];
    own.losses.forEach((loss, step) => {
      expect(Math.abs(loss - (ordinary.losses[step] as number))).toBeLessThan(1e-4);
    });
    // It learns, so that equal losses say something about gradients.
    expect(own.losses.at(-1)).toBeLessThan((own.losses[0] as number) - 0.01);
  });

  it('is the same bit for bit every time', async () => {
    const [first, second] = [await train(description, 3, engine.target), await train(description, 3, engine.target)];
    expect(second.losses).toEqual(first.losses);
    expect(second.trained).toEqual(first.trained);
  });
});
