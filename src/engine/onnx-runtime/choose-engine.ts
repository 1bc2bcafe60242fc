import type { NetworkEngine, TensorValue } from '../../core/learn/training/network-engine.ts';
import { initialWeights } from '../../core/net/initial-weights.ts';
import { predictModel } from '../../core/net/predict-model.ts';
import { trainingModel } from '../../core/net/training-model.ts';
import type { UNetDescription } from '../../core/net/unet-description.ts';
import { SeededRandom } from '../../core/random.ts';
import { createOnnxEngine, type OnnxEngineOptions } from './onnx-engine.ts';
import { type Provider, ProviderStartError } from './session.ts';

export type EngineChoice = 'auto' | Provider;

export interface ChosenEngine {
  readonly engine: NetworkEngine;
  /** Why this one, for the log: "WebGPU does not start here (no adapter)". */
  readonly reason: string;
}

/**
 * The engine that the user asked for, or for `auto` WebGPU where it starts and its results agree with the CPU's, else the CPU.
 * @throws ProviderStartError if an engine was asked for by name and does not start; RuntimeMissingError
 */
export async function chooseEngine(choice: EngineChoice, options: OnnxEngineOptions = {}): Promise<ChosenEngine> {
  const cpu = await createOnnxEngine('cpu', options);
  if (choice === 'cpu') return { engine: cpu, reason: 'chosen in the settings' };
  const gpu = await createOnnxEngine('webgpu', options);
  try {
    const difference = compare(await trialRun(cpu), await trialRun(gpu));
    if (difference <= tolerance) {
      await cpu.close();
      return { engine: gpu, reason: `its results agree with the CPU's to ${difference.toExponential(1)}` };
    }
    throw new ProviderStartError(
      `ONNX Runtime WebGPU computes other results than the CPU (difference ${difference.toExponential(1)}): use the CPU.`,
    );
  } catch (error) {
    await gpu.close();
    if (choice === 'webgpu' || !(error instanceof Error)) {
      await cpu.close();
      throw error;
    }
    return { engine: cpu, reason: error.message };
  }
}

/** GPUs add in another order; a wrong kernel is off by far more. */
const tolerance = 1e-3;

const plannedNetwork: UNetDescription = {
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

/** Together they have every kind of layer: a provider may be right with some shapes and wrong with others. */
const trialNetworks: readonly UNetDescription[] = [
  plannedNetwork,
  {
    ...plannedNetwork,
    classes: 2,
    normalisation: 'none',
    activation: 'relu',
    upsamplingKernel: 3,
    downsampling: 'strided-convolution',
    residual: true,
    dropout: 0.3,
  },
];

async function trialRun(engine: NetworkEngine): Promise<number[]> {
  const results: number[] = [];
  for (const network of trialNetworks) results.push(...(await trialOf(network, engine)));
  return results;
}

/** A prediction and a few training steps from fixed random numbers. */
async function trialOf(network: UNetDescription, engine: NetworkEngine): Promise<number[]> {
  const size = 16;
  const random = new SeededRandom(1);
  const weights = initialWeights(network, { kind: 'he', seed: 1 });
  const image: TensorValue = {
    data: Float32Array.from({ length: 2 * 3 * size * size }, () => random.normal()),
    shape: [2, 3, size, size],
  };
  const target: TensorValue = {
    data: Float32Array.from({ length: 2 * size * size }, () => random.integer(network.classes + 1) - 1),
    shape: [2, size, size],
  };
  const predictor = await engine.createPredictor(predictModel(network, weights, { target: engine.target }));
  const { data } = await predictor.predict(image);
  await predictor.close();
  const options = {
    batch: 2,
    height: size,
    width: size,
    loss: 'dice-ce',
    optimizer: { kind: 'adam' },
    target: engine.target,
  } as const;
  const trainer = await engine.createTrainer({ graph: trainingModel(network, options), weights });
  const losses: number[] = [];
  for (let step = 0; step < 3; step++) losses.push(await trainer.step(image, target, 1e-3));
  const trained = await trainer.weights();
  await trainer.close();
  return [...data, ...losses, ...[...trained.values()].flatMap((value) => [...value.data])];
}

function compare(expected: readonly number[], actual: readonly number[]): number {
  if (expected.length !== actual.length) return Number.POSITIVE_INFINITY;
  return expected.reduce((worst, value, i) => {
    const difference = Math.abs(value - (actual[i] as number));
    // A NaN is no agreement.
    return difference <= worst ? worst : Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference;
  }, 0);
}
