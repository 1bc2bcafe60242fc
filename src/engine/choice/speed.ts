import type { NetworkEngine } from '../../core/net/graph/network-engine.ts';
import { initialWeights } from '../../core/net/initial-weights.ts';
import { predictModel } from '../../core/net/predict-model.ts';
import { trainingModel } from '../../core/net/training-model.ts';
import type { UNetDescription } from '../../core/net/unet-description.ts';

/** This is the network that `auto` plans for slices of 64 x 64. */
const network: UNetDescription = {
  kind: 'unet',
  spaceAxes: 2,
  inChannels: 3,
  classes: 3,
  baseFilters: 16,
  levels: 3,
  convolutionsPerLevel: 2,
  normalisation: 'instance',
  activation: 'leaky-relu',
  upsamplingKernel: 2,
};
const SIZE = 64;
const BATCH = 4;

export interface Speed {
  readonly predictSlicesPerSecond: number;
  /** It is null where the engine does not train here. */
  readonly trainSlicesPerSecond: number | null;
}

/**
 * Measures how fast an engine is: one prediction and two training steps, each after one that warms up; the faster of
 * the steps counts.
 * @throws what the engine throws
 */
export async function measureSpeed(engine: NetworkEngine, trains: boolean): Promise<Speed> {
  const weights = initialWeights(network, { kind: 'he', seed: 1 });
  const image = { data: new Float32Array(BATCH * 3 * SIZE * SIZE).fill(0.5), shape: [BATCH, 3, SIZE, SIZE] };
  const predictor = await engine.createPredictor(predictModel(network, weights, { target: engine.target }));
  let predictSlicesPerSecond: number;
  try {
    predictSlicesPerSecond = await slicesPerSecond(1, () => predictor.predict(image));
  } finally {
    await predictor.close();
  }
  if (!trains) return { predictSlicesPerSecond, trainSlicesPerSecond: null };
  const target = { data: new Float32Array(BATCH * SIZE * SIZE), shape: [BATCH, SIZE, SIZE] };
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
    const trainSlicesPerSecond = await slicesPerSecond(2, () => trainer.step(image, target, 1e-4));
    return { predictSlicesPerSecond, trainSlicesPerSecond };
  } finally {
    await trainer.close();
  }
}

async function slicesPerSecond(times: number, run: () => Promise<unknown>): Promise<number> {
  await run();
  let fastestMs = Number.POSITIVE_INFINITY;
  for (let time = 0; time < times; time++) {
    const beganMs = performance.now();
    await run();
    fastestMs = Math.min(fastestMs, performance.now() - beganMs);
  }
  return (1000 * BATCH) / fastestMs;
}
