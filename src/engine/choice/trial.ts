import type { NetworkEngine, TensorValue } from '../../core/net/graph/network-engine.ts';
import { initialWeights } from '../../core/net/initial-weights.ts';
import { predictModel } from '../../core/net/predict-model.ts';
import { trainingModel } from '../../core/net/training-model.ts';
import type { UNetDescription } from '../../core/net/unet-description.ts';
import { SeededRandom } from '../../core/random.ts';
import { isPassing } from '../engines/run-failure.ts';

/** What an engine made of the same small tasks as every other engine. */
export interface Trial {
  /** The probabilities of each network, `[images, classes, y, x]`. */
  readonly probabilities: readonly Float32Array[];
  /** The number of classes of each network. */
  readonly classes: readonly number[];
  readonly images: number;
  /** It is null where the engine does not train here. */
  readonly training: TrainingTrial | null;
  /** It says why, where the engine does not train. */
  readonly refusal?: unknown;
}

export interface TrainingTrial {
  /** The loss of each step, as one list for each network. */
  readonly losses: readonly (readonly number[])[];
  /** All weights after the last step, as one list for each network. */
  readonly weights: readonly (readonly number[])[];
}

const base: UNetDescription = {
  kind: 'unet',
  spaceAxes: 2,
  inChannels: 3,
  classes: 3,
  baseFilters: 4,
  levels: 2,
  convolutionsPerLevel: 2,
  normalisation: 'instance',
  activation: 'leaky-relu',
  upsamplingKernel: 2,
};

/** Together they have every kind of layer: an engine may be right with some shapes and wrong with others. */
const networks: readonly UNetDescription[] = [
  base,
  {
    ...base,
    classes: 2,
    normalisation: 'none',
    activation: 'relu',
    upsamplingKernel: 3,
    downsampling: 'strided-convolution',
    residual: true,
    dropout: 0.3,
  },
];

const SIZE = 16;
const BATCH = 2;
const LEARNING_RATE = 1e-3;

/**
 * Runs predictions and training steps from fixed random numbers, which must come out alike on every engine. Where the
 * engine only fails to train, `training` is null.
 *
 * @param steps training steps of each network
 * @throws what the engine throws when it does not start or does not predict, is out of memory or loses its device
 */
export async function runTrial(engine: NetworkEngine, steps: number): Promise<Trial> {
  const probabilities: Float32Array[] = [];
  for (const network of networks) probabilities.push(await predictionOf(network, engine));
  const predicted = { probabilities, classes: networks.map(({ classes }) => classes), images: BATCH };
  try {
    return { ...predicted, training: await trainingOf(engine, steps) };
  } catch (refusal) {
    if (isPassing(refusal)) throw refusal;
    return { ...predicted, training: null, refusal };
  }
}

async function predictionOf(network: UNetDescription, engine: NetworkEngine): Promise<Float32Array> {
  const { image, weights } = taskOf(network);
  const predictor = await engine.createPredictor(predictModel(network, weights, { target: engine.target }));
  try {
    return (await predictor.predict(image)).data;
  } finally {
    await predictor.close();
  }
}

async function trainingOf(engine: NetworkEngine, steps: number): Promise<TrainingTrial> {
  const losses: number[][] = [];
  const trained: number[][] = [];
  for (const network of networks) {
    const { image, target, weights } = taskOf(network);
    const graph = trainingModel(network, {
      batch: BATCH,
      height: SIZE,
      width: SIZE,
      loss: 'dice-ce',
      optimizer: { kind: 'adam' },
      target: engine.target,
    });
    const trainer = await engine.createTrainer({ graph, weights });
    try {
      const found: number[] = [];
      for (let step = 0; step < steps; step++) found.push(await trainer.step(image, target, LEARNING_RATE));
      losses.push(found);
      trained.push([...(await trainer.weights()).values()].flatMap(({ data }) => [...data]));
    } finally {
      await trainer.close();
    }
  }
  return { losses, weights: trained };
}

function taskOf(network: UNetDescription) {
  const random = new SeededRandom(1);
  const image: TensorValue = {
    data: Float32Array.from({ length: BATCH * network.inChannels * SIZE * SIZE }, () => random.normal()),
    shape: [BATCH, network.inChannels, SIZE, SIZE],
  };
  const target: TensorValue = {
    data: Float32Array.from({ length: BATCH * SIZE * SIZE }, () => random.integer(network.classes + 1) - 1),
    shape: [BATCH, SIZE, SIZE],
  };
  return { image, target, weights: initialWeights(network, { kind: 'he', seed: 1 }) };
}
