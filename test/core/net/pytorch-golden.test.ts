import { afterAll, describe, expect, it } from 'vitest';
import type { LossName } from '../../../src/core/net/losses/registry.ts';
import type { OptimizerDescription } from '../../../src/core/net/optimizers/optimizers.ts';
import { predictModel } from '../../../src/core/net/predict-model.ts';
import { trainingModel } from '../../../src/core/net/training-model.ts';
import { parametersOf } from '../../../src/core/net/unet.ts';
import type { UNetDescription } from '../../../src/core/net/unet-description.ts';
import { createOnnxEngine } from '../../../src/engine/engines/onnx-runtime/onnx-engine.ts';
import { decodeTensor, type EncodedTensor, readGolden } from '../../support/golden.ts';

interface GoldenCase {
  readonly description: UNetDescription;
  readonly loss: LossName;
  readonly optimizer: OptimizerDescription;
  readonly gradientClip?: number;
  readonly learningRate: number;
  readonly weights: Readonly<Record<string, EncodedTensor>>;
  readonly image: EncodedTensor;
  readonly target: EncodedTensor;
  readonly probabilities: EncodedTensor;
  readonly losses: readonly number[];
  readonly trainedLength: number;
}

const { cases } = readGolden<{ readonly cases: Readonly<Record<string, GoldenCase>> }>('net.json');
const engine = await createOnnxEngine('cpu', { threads: 1 });
afterAll(() => engine.close());

describe.each(Object.entries(cases))('PyTorch: %s', (_name, golden) => {
  const { description, loss, learningRate } = golden;
  const weights = new Map(Object.entries(golden.weights).map(([name, value]) => [name, decodeTensor(value)]));
  const image = decodeTensor(golden.image);
  const target = decodeTensor(golden.target);

  it("takes PyTorch's state dict as it is", () => {
    const expected = parametersOf(description).map(({ name, shape }) => `${name} ${shape.join('x')}`);
    const given = [...weights].map(([name, { shape }]) => `${name} ${shape.join('x')}`);
    expect(given.sort()).toEqual(expected.sort());
  });

  it('predicts the same probabilities to 1e-5', async () => {
    const predictor = await engine.createPredictor(predictModel(description, weights));
    const { data, shape } = await predictor.predict(image);
    await predictor.close();
    const expected = decodeTensor(golden.probabilities);
    expect(shape).toEqual(expected.shape);
    const worst = data.reduce((max, value, i) => Math.max(max, Math.abs(value - (expected.data[i] as number))), 0);
    expect(worst).toBeLessThan(1e-5);
  });

  it.each(['cpu', 'portable'] as const)(
    'has the same loss over ten steps to 1e-4, lowered for %s',
    async (lowering) => {
      const [batch = 0, height = 0, width = 0] = target.shape;
      const graph = trainingModel(description, {
        batch,
        height,
        width,
        loss,
        optimizer: golden.optimizer,
        ...(golden.gradientClip === undefined ? {} : { gradientClip: golden.gradientClip }),
        target: lowering,
      });
      const trainer = await engine.createTrainer({ graph, weights });
      const losses: number[] = [];
      for (let step = 0; step < golden.losses.length; step++)
        losses.push(await trainer.step(image, target, learningRate));
      const trained = [...(await trainer.weights()).values()].flatMap(({ data }) => [...data]);
      await trainer.close();
      expect(Math.abs(Math.hypot(...trained) / golden.trainedLength - 1)).toBeLessThan(1e-5);
      const differences = losses.map((value, i) => Math.abs(value - (golden.losses[i] as number)));
      expect(Math.max(...differences)).toBeLessThan(1e-4);
      expect(golden.losses.length).toBe(10);
      // A loss that does not move would agree with anything.
      expect((golden.losses[0] as number) - (golden.losses[9] as number)).toBeGreaterThan(5e-3);
    },
  );
});
