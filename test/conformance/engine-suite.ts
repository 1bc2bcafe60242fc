import { afterAll, beforeAll, expect, it } from 'vitest';
import { CancelSource } from '../../src/core/cancel.ts';
import { CancelledError } from '../../src/core/errors.ts';
import { type PlaneSize, readWindow, wholeWindow } from '../../src/core/learn/planes/plane-window.ts';
import { planInitialWeights, planPredictModel, planTrainingGraph } from '../../src/core/learn/training/network.ts';
import { trainNetwork } from '../../src/core/learn/training/train-network.ts';
import type { NetworkEngine, TensorValue } from '../../src/core/net/graph/network-engine.ts';
import { initialWeights } from '../../src/core/net/initial-weights.ts';
import type { LossName } from '../../src/core/net/losses/registry.ts';
import type { OptimizerDescription } from '../../src/core/net/optimizers/optimizers.ts';
import { predictModel } from '../../src/core/net/predict-model.ts';
import { trainingModel } from '../../src/core/net/training-model.ts';
import type { UNetDescription } from '../../src/core/net/unet-description.ts';
import { SeededRandom } from '../../src/core/random.ts';
import { SMALL_PLAN } from '../support/small-plan.ts';

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
  /** The slices are of this size, and padded as the product pads them; absent: they fill the image. */
  readonly plane?: PlaneSize;
}

/** Odd sizes, and others that are no powers of two, a batch of one, five classes and two, every kind of layer. */
const tasks: readonly Task[] = [
  {
    name: 'the planned network, five classes',
    network: planned,
    batch: 2,
    height: 24,
    width: 40,
    loss: 'dice-ce',
    optimizer: { kind: 'adam' },
    averageDecay: 0.9,
  },
  {
    name: 'the seed network, a batch of one',
    network: {
      ...planned,
      inChannels: 1,
      classes: 2,
      levels: 2,
      normalisation: 'none',
      activation: 'relu',
      upsamplingKernel: 3,
    },
    batch: 1,
    height: 24,
    width: 44,
    loss: 'soft-dice',
    optimizer: { kind: 'adam' },
  },
  {
    name: 'strides, shortcuts and dropout',
    network: { ...planned, classes: 3, levels: 2, downsampling: 'strided-convolution', residual: true, dropout: 0.3 },
    batch: 3,
    height: 20,
    width: 28,
    loss: 'focal-tversky',
    optimizer: { kind: 'sgd', momentum: 0.9 },
  },
  {
    // A network of three levels takes multiples of eight: 5 x 7 pixels are left at its bottom.
    name: 'slices of 37 x 53 pixels',
    network: planned,
    batch: 2,
    plane: { rows: 37, columns: 53 },
    height: 40,
    width: 56,
    loss: 'dice-ce',
    optimizer: { kind: 'sgd', momentum: 0.9 },
  },
];

const STEPS = 10;
const RATE = 1e-3;
/**
 * Of float32 sums in another order: seen are 2e-6. But Adam divides a gradient by its size, so one that is nearly zero, as padding makes them, moves its weight this way
 * or that, and losses drift apart (by 7e-5 in ten steps of padded slices): those are trained with SGD here.
 */
const LOSS = 1e-4;
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
    expect(found.losses).toHaveLength(STEPS);
    expect(farthest(expected.losses, found.losses)).toBeLessThan(LOSS);
    // Training that changes nothing agrees with everybody.
    expect(expected.losses.at(-1)).not.toBeCloseTo(expected.losses[0], 3);
  });

  it.each(tasks)('goes on from a saved state as if it had not stopped: $name', async (task) => {
    const whole = await training(engine, task, 4);
    const interrupted = await training(engine, task, 4, 2);
    expect(farthest(whole.losses, interrupted.losses)).toBeLessThan(LOSS / 10);
    expect(farthest(whole.weights, interrupted.weights)).toBeLessThan(PROBABILITY / 10);
  });

  it('is stopped in the middle of a training, keeps what it has learned, and works on', async () => {
    const source = new CancelSource();
    let open = 0;
    let step = 0;
    const watched: NetworkEngine = {
      name: engine.name,
      onGpu: engine.onGpu,
      target: engine.target,
      createPredictor: (model, signal) => engine.createPredictor(model, signal),
      createTrainer: async (model, signal) => {
        const trainer = await engine.createTrainer(model, signal);
        open++;
        return {
          step: (...given) => trainer.step(...given),
          weights: () => trainer.weights(),
          optimizer: () => trainer.optimizer(),
          close: () => {
            open--;
            return trainer.close();
          },
        };
      },
      close: () => engine.close(),
    };
    const { rows, columns } = SMALL_PLAN.plane;
    const { size } = SMALL_PLAN.batch;
    const task: Task = {
      name: 'small',
      network: SMALL_PLAN.network,
      batch: size,
      height: rows,
      width: columns,
      loss: 'dice-ce',
      optimizer: { kind: 'adam' },
    };
    const random = new SeededRandom(6);
    const weights = planInitialWeights(SMALL_PLAN, 1);
    const trained = await trainNetwork({
      plan: SMALL_PLAN,
      engine: watched,
      tune: [],
      budget: { kind: 'epochs', epochs: 100 },
      signal: source.signal,
      model: { graph: planTrainingGraph(SMALL_PLAN, engine.target, 1), weights },
      predictModel: (current) => planPredictModel(SMALL_PLAN, current),
      batches: {
        slices: size,
        stepsPerEpoch: 10,
        setDifficulties: () => undefined,
        close: async () => undefined,
        batch: async () => {
          const { image, target } = batchOf(task, random);
          return { input: image, target, samples: Array.from({ length: size }, (_, place) => place) };
        },
      },
      // Long enough that what was learned is worth keeping.
      now: () => step * 10_000,
      onProgress: (report) => {
        step = report.step;
        if (step === 3) source.cancel();
      },
    });
    expect(trained).toMatchObject({ ended: 'stopped', steps: 3, best: { step: 3 } });
    expect(open).toBe(0);
    const moved = [...trained.best.weights].map(([name, { data }]) =>
      farthest([...data], [...(weights.get(name)?.data ?? [])]),
    );
    expect(Math.max(...moved)).toBeGreaterThan(1e-3);
    expect(Math.max(...moved)).toBeLessThan(1);
    expect((await training(engine, task, 1)).losses.every(Number.isFinite)).toBe(true);
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
    batch,
    height,
    width,
    loss,
    optimizer,
    dropoutSeed: 2,
    target: engine.target,
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

/** Noise, brighter where the target is; every tenth pixel is ignored, and all that is padding. */
function batchOf(task: Task, random: SeededRandom) {
  const { network, batch, height: rows, width: columns, plane } = task;
  if (!plane) return drawnBatch(network, batch, rows, columns, random);
  const { image, target } = drawnBatch(network, batch, plane.rows, plane.columns, random);
  const window = wholeWindow(plane, { rows: 1, columns: 1 }, 2 ** network.levels);
  expect(window).toMatchObject({ rows, columns });
  const padded = ({ data, shape }: TensorValue, padding: number): TensorValue => {
    const [from, to] = [plane.rows * plane.columns, rows * columns];
    const result = new Float32Array((data.length / from) * to);
    for (let index = 0; index < data.length / from; index++) {
      readWindow(data.subarray(index * from, (index + 1) * from), plane, window, result, index * to, padding);
    }
    return { data: result, shape: [...shape.slice(0, -2), rows, columns] };
  };
  return { image: padded(image, 0), target: padded(target, -1) };
}

function drawnBatch(network: UNetDescription, batch: number, height: number, width: number, random: SeededRandom) {
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
