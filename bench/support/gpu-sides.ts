import { cpus } from 'node:os';
import { cudaObstacle } from '../../src/engine/engines/onnx-runtime/cuda/cuda-runtime.ts';
import { createOnnxEngine } from '../../src/engine/engines/onnx-runtime/onnx-engine.ts';
import type { ComparedNetwork } from './compared-networks.ts';
import { networkWork } from './network-work.ts';
import { Peer } from './peer.ts';

/** Who computes. PyTorch in both layouts of images in memory; which is faster depends on the network. */
export type Side = 'webgpu' | 'cuda' | 'pytorch';
export type Task = 'predict' | 'train';
export const tasks: readonly Task[] = ['predict', 'train'];

/** Slices per second in each round of one way of computing. */
export interface Rates {
  readonly task: Task;
  /** "contiguous", "channels_last" of PyTorch; "" where there is one way. */
  readonly layout: string;
  readonly slicesPerSecond: readonly number[];
}

export interface Measuring {
  readonly network: ComparedNetwork;
  readonly rounds: number;
  /** Repetitions fill about so much time. */
  readonly roundSeconds: number;
  /** Of PyTorch: "cuda" or "cpu". */
  readonly device: string;
}

/** Times a batch takes before anything is measured: shaders are compiled, kernels chosen, memory taken. */
const WARM_UP = 3;

/**
 * Measures both tasks, each after a warm-up, and tells each result as soon as it is there. Images come from the processor's memory and probabilities go back there, on every side.
 */
export async function measureSide(side: Side, measuring: Measuring, tell: (rates: Rates) => void): Promise<void> {
  return side === 'pytorch' ? measurePyTorch(measuring, tell) : measureOurs(side, measuring, tell);
}

async function measureOurs(side: 'webgpu' | 'cuda', measuring: Measuring, tell: (rates: Rates) => void): Promise<void> {
  const obstacle = side === 'cuda' ? await cudaObstacle() : null;
  if (obstacle !== null) throw new Error(obstacle);
  const engine = await createOnnxEngine(side);
  const { predictor, trainer, image, target } = networkWork(engine, measuring.network);
  const predicting = await predictor();
  tell({ task: 'predict', layout: '', slicesPerSecond: await rates(measuring, () => predicting.predict(image)) });
  await predicting.close();
  const training = await trainer();
  tell({
    task: 'train',
    layout: '',
    slicesPerSecond: await rates(measuring, () => training.step(image, target, 1e-3)),
  });
  await engine.close();
}

async function rates({ network, rounds, roundSeconds }: Measuring, work: () => Promise<unknown>): Promise<number[]> {
  const seconds = async (repeats: number) => {
    const start = performance.now();
    for (let i = 0; i < repeats; i++) await work();
    return (performance.now() - start) / 1000;
  };
  await seconds(WARM_UP);
  const repeats = repeatsFor(roundSeconds, await seconds(1));
  const found: number[] = [];
  for (let round = 0; round < rounds; round++) found.push((network.batch * repeats) / (await seconds(repeats)));
  return found;
}

async function measurePyTorch(
  { network, rounds, roundSeconds, device }: Measuring,
  tell: (rates: Rates) => void,
): Promise<void> {
  const { name, batch, size, description } = network;
  const peer = new Peer(
    'seed_torch.py',
    [name.split(' ')[0], description.baseFilters, batch, size, cpus().length, device].map(String),
  );
  await peer.read();
  for (const task of tasks) {
    for (const layout of ['contiguous', 'channels_last']) {
      const rate = async (repeats: number) => (await peer.ask({ [task]: repeats, layout })).slicesPerSecond as number;
      await rate(WARM_UP);
      const repeats = repeatsFor(roundSeconds, batch / (await rate(1)));
      const slicesPerSecond: number[] = [];
      for (let round = 0; round < rounds; round++) slicesPerSecond.push(await rate(repeats));
      tell({ task, layout, slicesPerSecond });
    }
  }
  peer.close();
}

const repeatsFor = (roundSeconds: number, once: number): number => Math.max(1, Math.round(roundSeconds / once));
