import { afterAll, beforeAll, expect, it } from 'vitest';
import { CancelSource } from '../../src/core/cancel.ts';
import { CancelledError } from '../../src/core/errors.ts';
import type { NetworkEngine, TensorValue } from '../../src/core/learn/training/network-engine.ts';
import { initialWeights } from '../../src/core/net/initial-weights.ts';
import type { LossName } from '../../src/core/net/losses/loss.ts';
import type { OptimizerDescription } from '../../src/core/net/optimizers/optimizers.ts';
import { predictModel } from '../../src/core/net/predict-model.ts';
import { trainingModel } from '../../src/core/net/training-model.ts';
import type { UNetDescription } from '../../src/core/net/unet-description.ts';
import { SeededRandom } from '../../src/core/random.ts';

const planned: UNetDescription = {
  kind: 'unet',
  spaceAxes: 2,
  inChannels: 3,
  classes: 5,
  baseFilters: 4,
  levels: 3,
  convolutionsPerLevel: 2,
  normalisation: 'instance',
  activation: 'leaky-relu',
  upsamplingKernel: 2,
};

interface Task {
  readonly name: string;
  readonly network: UNetDescription;
  readonly batch: number;
  readonly height: number;
  readonly width: number;
  readonly loss: LossName;
  readonly optimizer: OptimizerDescription;
  readonly averageDecay?: number;
}

/** Sizes that are no powers of two, a batch of one, five classes and two, every kind of layer. */
const tasks: readonly Task[] = [
  {
    ...{ name: 'the planned network, five classes', network: planned, batch: 2, height: 24, width: 40 },
    ...{ loss: 'dice-ce', optimizer: { kind: 'adam' }, averageDecay: 0.9 },
  },
  {
    name: 'the seed network, a batch of one',
    network: {
      ...{ ...planned, inChannels: 1, classes: 2, levels: 2 },
      ...{ normalisation: 'none', activation: 'relu', upsamplingKernel: 3 },
    },
    ...{ batch: 1, height: 24, width: 44, loss: 'soft-dice', optimizer: { kind: 'adam' } },
  },
  {
    name: 'strides, shortcuts and dropout',
    network: { ...planned, classes: 3, levels: 2, downsampling: 'strided-convolution', residual: true, dropout: 0.3 },
    ...{ batch: 3, height: 20, width: 28, loss: 'focal-tversky', optimizer: { kind: 'sgd', momentum: 0.9 } },
  },
];

const STEPS = 10;
const RATE = 1e-3;
/**
 * Of float32 sums in another order. Adam divides a gradient by its size, so one that is nearly zero moves its weight this way
 * or that: after a few steps the losses of two engines drift apart, though they arrive at the same place.
 */
const EXACT_STEPS = 3;
const LOSS = 1e-4;
const LOSS_RATIO = 0.01;
const PROBABILITY = 1e-3;

/**
 * What every engine must do, and do like the reference: predict, ten training steps, go on from a saved state, be
 * cancelled. To be called inside a `describe`.
 */
export function engineSuite(start: () => Promise<NetworkEngine>, startReference: () => Promise<NetworkEngine>): void {
  let engine: NetworkEngine;
  let reference: NetworkEngine;
  beforeAll(async () => {
    [engine, reference] = [await start(), await startReference()];
  });
  afterAll(async () => {
    await engine.close();
    await reference.close();
  });

  it.each(tasks)('predicts like the reference: $name', async (task) => {
    const expected = await prediction(reference, task);
    const found = await prediction(engine, task);
    expect(found.shape).toEqual([task.batch, task.network.classes, task.height, task.width]);
    expect(farthest([...expected.data], [...found.data])).toBeLessThan(PROBABILITY);
  });

  it.each(tasks)('trains ten steps like the reference: $name', async (task) => {
    const [expected, found] = [await training(reference, task), await training(engine, task)];
    expect(expected.losses.every(Number.isFinite)).toBe(true);
    const early = (losses: readonly number[]) => losses.slice(0, EXACT_STEPS);
    expect(farthest(early(expected.losses), early(found.losses))).toBeLessThan(LOSS);
    const ratios = found.losses.map((loss, step) => loss / expected.losses[step]);
    expect(farthest(ratios, new Array<number>(STEPS).fill(1))).toBeLessThan(LOSS_RATIO);
    // Training that changes nothing agrees with everybody.
    expect(expected.losses.at(-1)).not.toBeCloseTo(expected.losses[0], 3);
  });

  it.each(tasks)('goes on from a saved state as if it had not stopped: $name', async (task) => {
    const whole = await training(engine, task, 4);
    const interrupted = await training(engine, task, 4, 2);
    expect(farthest(whole.losses, interrupted.losses)).toBeLessThan(LOSS / 10);
    expect(farthest(whole.weights, interrupted.weights)).toBeLessThan(PROBABILITY / 10);
  });

  it('is cancelled before it begins, and may be closed with what is open', async () => {
    const source = new CancelSource();
    source.cancel();
    const weights = initialWeights(planned, { kind: 'he', seed: 1 });
    const model = predictModel(planned, weights, { target: engine.target });
    await expect(engine.createPredictor(model, source.signal)).rejects.toThrow(CancelledError);
    const other = await start();
    await other.createPredictor(model);
    await other.close();
    await other.close();
  });
}

async function prediction(engine: NetworkEngine, task: Task): Promise<TensorValue> {
  const { network } = task;
  const model = predictModel(network, initialWeights(network, { kind: 'he', seed: 3 }), { target: engine.target });
  const predictor = await engine.createPredictor(model);
  try {
    return await predictor.predict(batchOf(task, new SeededRandom(4)).image);
  } finally {
    await predictor.close();
  }
}

/** @param saveAfter steps after which a new trainer goes on from the state of the first */
async function training(engine: NetworkEngine, task: Task, steps = STEPS, saveAfter = Number.POSITIVE_INFINITY) {
  const { network, batch, height, width, loss, optimizer, averageDecay } = task;
  const graph = trainingModel(network, {
    ...{ batch, height, width, loss, optimizer, dropoutSeed: 2, target: engine.target },
    ...(averageDecay !== undefined && { averageDecay }),
  });
  let trainer = await engine.createTrainer({ graph, weights: initialWeights(network, { kind: 'he', seed: 3 }) });
  const random = new SeededRandom(5);
  const losses: number[] = [];
  try {
    for (let step = 0; step < steps; step++) {
      if (step === saveAfter) {
        const state = { weights: await trainer.weights(), optimizer: await trainer.optimizer() };
        await trainer.close();
        trainer = await engine.createTrainer({ graph, ...state });
      }
      const { image, target } = batchOf(task, random);
      losses.push(await trainer.step(image, target, RATE));
    }
    return { losses, weights: [...(await trainer.weights()).values()].flatMap(({ data }) => [...data]) };
  } finally {
    await trainer.close();
  }
}

/** Noise, brighter where the target is; every tenth pixel is ignored. */
function batchOf({ network, batch, height, width }: Task, random: SeededRandom) {
  const area = height * width;
  const target = Float32Array.from({ length: batch * area }, (_, at) => {
    const [y, x] = [Math.floor((at % area) / width), at % width];
    if (random.integer(10) === 0) return -1;
    return (y - height / 2) ** 2 + (x - width / 2) ** 2 < (height / 4) ** 2 ? 1 + (x % (network.classes - 1)) : 0;
  });
  const data = Float32Array.from({ length: batch * network.inChannels * area }, (_, at) => {
    const image = Math.floor(at / (network.inChannels * area));
    return random.normal(0, 0.5) + Math.max(0, target[image * area + (at % area)]);
  });
  const image: TensorValue = { data, shape: [batch, network.inChannels, height, width] };
  return { image, target: { data: target, shape: [batch, height, width] } };
}

/** Infinite where the lists do not match or one holds no number. */
function farthest(expected: readonly number[], found: readonly number[]): number {
  if (expected.length !== found.length) return Number.POSITIVE_INFINITY;
  return expected.reduce((most, value, index) => {
    const difference = Math.abs(value - found[index]);
    return Number.isNaN(difference) ? Number.POSITIVE_INFINITY : Math.max(most, difference);
  }, 0);
}
