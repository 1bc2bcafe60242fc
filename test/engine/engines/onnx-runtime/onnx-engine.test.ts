import { afterAll, describe, expect, it } from 'vitest';
import { CancelSource } from '../../../../src/core/cancel.ts';
import { CancelledError } from '../../../../src/core/errors.ts';
import { ModelFormatError } from '../../../../src/core/net/graph/errors.ts';
import type { TensorValue } from '../../../../src/core/net/graph/network-engine.ts';
import { initialWeights } from '../../../../src/core/net/initial-weights.ts';
import { predictModel } from '../../../../src/core/net/predict-model.ts';
import { trainingModel } from '../../../../src/core/net/training-model.ts';
import type { UNetDescription } from '../../../../src/core/net/unet-description.ts';
import { SeededRandom } from '../../../../src/core/random.ts';
import { NetworkRunError } from '../../../../src/engine/device/engine-errors.ts';
import { createOnnxEngine } from '../../../../src/engine/engines/onnx-runtime/onnx-engine.ts';

const engine = await createOnnxEngine('cpu', { threads: 2 });
afterAll(() => engine.close());

const planned: UNetDescription = {
  kind: 'unet',
  spaceAxes: 2,
  inChannels: 3,
  classes: 3,
  baseFilters: 8,
  levels: 2,
  convolutionsPerLevel: 2,
  normalisation: 'instance',
  activation: 'leaky-relu',
  upsamplingKernel: 2,
};

/** Discs and squares on noise: two foreground classes that a network can tell apart by form and brightness. */
function sample(batch: number, size: number, channels: number, random: SeededRandom) {
  const image = new Float32Array(batch * channels * size * size);
  const target = new Float32Array(batch * size * size);
  for (let n = 0; n < batch; n++) {
    const [cy, cx, sy, sx] = [0, 1, 2, 3].map(() => random.uniform(0.25 * size, 0.75 * size)) as [
      number,
      number,
      number,
      number,
    ];
    for (let y = 0; y < size; y++) {
      for (let x = 0; x < size; x++) {
        const inDisc = (y - cy) ** 2 + (x - cx) ** 2 < (size / 6) ** 2;
        const inSquare = Math.max(Math.abs(y - sy), Math.abs(x - sx)) < size / 8;
        const label = inSquare ? 2 : inDisc ? 1 : 0;
        target[(n * size + y) * size + x] = label;
        for (let c = 0; c < channels; c++) {
          image[((n * channels + c) * size + y) * size + x] = label + random.normal(0, 0.4);
        }
      }
    }
  }
  const imageValue: TensorValue = { data: image, shape: [batch, channels, size, size] };
  return { image: imageValue, target: { data: target, shape: [batch, size, size] } };
}

function meanDice({ data, shape }: TensorValue, target: TensorValue): number {
  const [batch = 0, classes = 0, height = 0, width = 0] = shape;
  const area = height * width;
  const sums = Array.from({ length: classes }, () => ({ both: 0, total: 0 }));
  for (let pixel = 0; pixel < batch * area; pixel++) {
    const start = Math.floor(pixel / area) * classes * area + (pixel % area);
    let best = 0;
    for (let c = 1; c < classes; c++)
      if ((data[start + c * area] as number) > (data[start + best * area] as number)) best = c;
    const truth = target.data[pixel] as number;
    for (const c of new Set([best, truth])) {
      const sum = sums[c] as { both: number; total: number };
      sum.total += Number(best === c) + Number(truth === c);
      sum.both += Number(best === c && truth === c);
    }
  }
  const foreground = sums.slice(1).map(({ both, total }) => (2 * both) / total);
  return foreground.reduce((sum, value) => sum + value, 0) / foreground.length;
}

const trainingOptions = { batch: 4, height: 32, width: 32, loss: 'dice-ce', optimizer: { kind: 'adam' } } as const;

describe('training', () => {
  it('fits one batch almost perfectly', async () => {
    const { image, target } = sample(4, 32, 3, new SeededRandom(8));
    const weights = initialWeights(planned, { kind: 'he', seed: 5 });
    const trainer = await engine.createTrainer({ graph: trainingModel(planned, trainingOptions), weights });
    const first = await trainer.step(image, target, 5e-3);
    let last = first;
    for (let step = 0; step < 80; step++) last = await trainer.step(image, target, 5e-3);
    expect(last).toBeLessThan(first / 10);
    const predictor = await engine.createPredictor(predictModel(planned, await trainer.weights()));
    expect(meanDice(await predictor.predict(image), target)).toBeGreaterThan(0.98);
    await Promise.all([trainer.close(), predictor.close()]);
  });

  it('continues from a checkpoint as if it had not stopped', async () => {
    const random = new SeededRandom(9);
    const batches = Array.from({ length: 6 }, () => sample(4, 32, 3, random));
    const weights = initialWeights(planned, { kind: 'he', seed: 6 });
    const graph = trainingModel(planned, trainingOptions);

    const whole = await engine.createTrainer({ graph, weights });
    const expected: number[] = [];
    for (const { image, target } of batches) expected.push(await whole.step(image, target, 1e-3));

    const start = await engine.createTrainer({ graph, weights });
    const losses: number[] = [];
    for (const { image, target } of batches.slice(0, 3)) losses.push(await start.step(image, target, 1e-3));
    const checkpoint = { weights: await start.weights(), optimizer: await start.optimizer() };
    await start.close();
    expect(checkpoint.optimizer.step).toBe(3);
    const rest = await engine.createTrainer({ graph, ...checkpoint });
    for (const { image, target } of batches.slice(3)) losses.push(await rest.step(image, target, 1e-3));

    losses.forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i] as number, 5);
    });
    const [a, b] = [await whole.weights(), await rest.weights()];
    const difference = Math.max(
      ...[...a].map(([name, { data }]) =>
        Math.max(...data.map((v, i) => Math.abs(v - (b.get(name)?.data[i] as number)))),
      ),
    );
    expect(difference).toBeLessThan(1e-5);
    await Promise.all([whole.close(), rest.close()]);
  });

  it('leaves weights and moments alone where everything is ignored', async () => {
    const { image, target } = sample(4, 32, 3, new SeededRandom(10));
    const weights = initialWeights(planned, { kind: 'he', seed: 7 });
    const trainer = await engine.createTrainer({ graph: trainingModel(planned, trainingOptions), weights });
    const loss = await trainer.step(image, { ...target, data: target.data.map(() => -1) }, 1e-2);
    expect(loss).toBe(0);
    expect(await trainer.weights()).toEqual(weights);
    await trainer.close();
  });

  it('keeps the weights that a caller took while it goes on', async () => {
    const { image, target } = sample(4, 32, 3, new SeededRandom(12));
    const weights = initialWeights(planned, { kind: 'he', seed: 8 });
    const trainer = await engine.createTrainer({ graph: trainingModel(planned, trainingOptions), weights });
    await trainer.step(image, target, 1e-2);
    const taken = await trainer.weights();
    const copy = new Map([...taken].map(([name, { data, shape }]) => [name, { data: data.slice(), shape }]));
    await trainer.step(image, target, 1e-2);
    expect(taken).toEqual(copy);
    expect(await trainer.weights()).not.toEqual(copy);
    await trainer.close();
  });
});

describe('prediction', () => {
  it('takes any batch and any size that can be halved', async () => {
    const weights = initialWeights(planned, { kind: 'he', seed: 1 });
    const predictor = await engine.createPredictor(predictModel(planned, weights));
    for (const shape of [
      [1, 3, 16, 16],
      [3, 3, 32, 24],
    ]) {
      const count = shape.reduce((product, size) => product * size, 1);
      const { data, shape: resultShape } = await predictor.predict({ data: new Float32Array(count).fill(0.5), shape });
      expect(resultShape).toEqual(shape);
      const area = (shape[2] as number) * (shape[3] as number);
      const sum = [0, 1, 2].reduce((total, c) => total + (data[c * area] as number), 0);
      expect(sum).toBeCloseTo(1, 5);
    }
    await predictor.close();
  });

  it('says so when the image does not fit the network', async () => {
    const weights = initialWeights(planned, { kind: 'he', seed: 1 });
    const predictor = await engine.createPredictor(predictModel(planned, weights));
    const wrong = { data: new Float32Array(16 * 16), shape: [1, 1, 16, 16] };
    await expect(predictor.predict(wrong)).rejects.toThrow(NetworkRunError);
    await predictor.close();
  });

  it('gives the same numbers for a large batch, part by part, as for each image alone', async () => {
    const weights = initialWeights(planned, { kind: 'he', seed: 1 });
    const predictor = await engine.createPredictor(predictModel(planned, weights));
    const random = new SeededRandom(13);
    // 5 images of 256x256 are three parts, the last one smaller.
    const shape = [5, 3, 256, 256];
    const imageSize = 3 * 256 * 256;
    const data = Float32Array.from({ length: 5 * imageSize }, () => random.normal());
    const together = await predictor.predict({ data, shape });
    expect(together.shape).toEqual(shape);
    for (let i = 0; i < 5; i++) {
      const image = data.subarray(i * imageSize, (i + 1) * imageSize);
      const alone = await predictor.predict({ data: image, shape: [1, 3, 256, 256] });
      expect(Buffer.compare(bytes(alone.data), bytes(together.data.subarray(i * imageSize, (i + 1) * imageSize)))).toBe(
        0,
      );
    }
    await predictor.close();
  });
});

function bytes(data: Float32Array): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

describe('engines', () => {
  it('refuse what is no model', async () => {
    await expect(engine.createPredictor(new TextEncoder().encode('no model'))).rejects.toThrow(/ONNX/);
  });

  it('refuse a training graph where a prediction graph is needed', async () => {
    await expect(engine.createPredictor(trainingModel(planned, trainingOptions))).rejects.toThrow(ModelFormatError);
  });

  it('stop where they are cancelled', async () => {
    const source = new CancelSource();
    source.cancel();
    await expect(engine.createPredictor(new Uint8Array(1), source.signal)).rejects.toThrow(CancelledError);
  });

  it('may be closed twice, with everything that is open', async () => {
    const other = await createOnnxEngine('cpu');
    const predictor = await other.createPredictor(
      predictModel(planned, initialWeights(planned, { kind: 'he', seed: 1 })),
    );
    await other.close();
    await predictor.close();
    await other.close();
  });
});
