import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { input, operation, scalar } from '../../../../src/core/net/graph/tensor.ts';
import { initialWeights } from '../../../../src/core/net/initial-weights.ts';
import { type LossName, losses } from '../../../../src/core/net/losses/registry.ts';
import { lower } from '../../../../src/core/net/onnx/lower.ts';
import { writeModel } from '../../../../src/core/net/onnx/write-model.ts';
import { multiply } from '../../../../src/core/net/ops/arithmetic.ts';
import { predictModel } from '../../../../src/core/net/predict-model.ts';
import { type TrainingModelOptions, trainingModel } from '../../../../src/core/net/training-model.ts';
import { seedUNet, type UNetDescription } from '../../../../src/core/net/unet-description.ts';
import { ProviderStartError } from '../../../../src/engine/device/engine-errors.ts';
import { loadRuntime } from '../../../../src/engine/engines/onnx-runtime/load-runtime.ts';
import { nodePlacement } from '../../../../src/engine/engines/onnx-runtime/node-placement.ts';
import { createOnnxEngine } from '../../../../src/engine/engines/onnx-runtime/onnx-engine.ts';
import { createSession } from '../../../../src/engine/engines/onnx-runtime/session.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

/** As `auto` plans it: three neighbouring slices, two structures. */
const planned: UNetDescription = {
  kind: 'unet',
  spaceAxes: 2,
  inChannels: 3,
  classes: 3,
  baseFilters: 16,
  levels: 4,
  convolutionsPerLevel: 2,
  normalisation: 'instance',
  activation: 'leaky-relu',
  upsamplingKernel: 2,
};
/** Which provider a node goes to is a matter of its operator, not of its size: the smallest image that these networks take. */
const size = 16;
const batch = 2;
const adam = { kind: 'adam' } as const;

interface Case {
  readonly name: string;
  readonly network: UNetDescription;
  readonly loss: LossName;
}

const presets: readonly Case[] = [
  { name: 'auto', network: planned, loss: 'dice-ce' },
  { name: 'seed', network: seedUNet({ baseFilters: 4 }), loss: 'soft-dice' },
];
/** A step of it takes a minute here, so that only its prediction is run. */
const paper: Case = { name: 'paper', network: seedUNet({ baseFilters: 64 }), loss: 'soft-dice' };

const sizes = { batch, height: size, width: size, target: 'portable' } as const;

describe('every node of the presets runs on WebGPU, and nothing is copied between them', () => {
  it.each(presets)('in a training step of $name', async ({ network, loss }) => {
    const profilePrefix = join(temporaryFolder(), 'profile');
    const engine = await createOnnxEngine('webgpu', { profilePrefix });
    const graph = trainingModel(network, { ...sizes, loss, optimizer: adam });
    const trainer = await engine.createTrainer({ graph, weights: initialWeights(network, { kind: 'he', seed: 1 }) });
    await trainer.step(imageOf(network), targetOf(), 1e-3);
    await engine.close();
    const { counts, elsewhere } = nodePlacement(profilePrefix);
    expect(elsewhere).toEqual([]);
    // A record of nothing would agree too.
    expect(counts.WebGpuExecutionProvider).toBeGreaterThan(200);
  });

  it.each([...presets, paper])('in a prediction of $name', async ({ network }) => {
    const profilePrefix = join(temporaryFolder(), 'profile');
    const engine = await createOnnxEngine('webgpu', { profilePrefix });
    const model = predictModel(network, initialWeights(network, { kind: 'he', seed: 1 }), { target: engine.target });
    const predictor = await engine.createPredictor(model);
    await predictor.predict(imageOf(network));
    await engine.close();
    const { counts, elsewhere } = nodePlacement(profilePrefix);
    expect(elsewhere).toEqual([]);
    expect(counts.WebGpuExecutionProvider).toBeGreaterThan(20);
  });
});

/** Whatever else a plan may say. A session that would run a node on the CPU does not start (see below). */
describe('no node needs the CPU', () => {
  const small: UNetDescription = { ...planned, baseFilters: 4, levels: 2 };
  const variants: readonly (Partial<TrainingModelOptions> & { readonly name: string; network?: UNetDescription })[] = [
    ...(Object.keys(losses) as LossName[]).map((loss) => ({ name: `loss ${loss}`, loss })),
    paper,
    { name: 'AdamW', optimizer: { kind: 'adamw', weightDecay: 0.01 } },
    { name: 'SGD', optimizer: { kind: 'sgd', momentum: 0.9 } },
    { name: 'a clipped gradient', gradientClip: 12 },
    { name: 'an average of the weights', averageDecay: 0.99 },
    { name: 'strides and shortcuts', network: { ...small, downsampling: 'strided-convolution', residual: true } },
    { name: 'dropout', network: { ...small, dropout: 0.3 } },
    { name: 'two structures more', network: { ...small, classes: 5 } },
  ];

  it.each(variants)('with $name', async ({ network = small, ...options }) => {
    const engine = await createOnnxEngine('webgpu');
    const graph = trainingModel(network, { ...sizes, loss: 'dice-ce', optimizer: adam, ...options });
    await engine.createTrainer({ graph, weights: initialWeights(network, { kind: 'he', seed: 1 }) });
    await engine.close();
  });
});

describe('a node that only the CPU has', () => {
  const x = input('x', [4]);
  const y = multiply(operation('Sign', [x], [4]), scalar(2));
  const planted = writeModel(lower({ inputs: [x], outputs: { y }, target: 'portable' }));

  it('is counted, with the copy that it causes', async () => {
    const profileFilePrefix = join(temporaryFolder(), 'profile');
    const session = await InferenceSession.create(planted, {
      executionProviders: ['webgpu'],
      enableProfiling: true,
      profileFilePrefix,
      logSeverityLevel: 3,
    });
    await session.run({ x: new Tensor('float32', new Float32Array(4), [4]) });
    await session.release();
    const { counts, elsewhere } = nodePlacement(profileFilePrefix);
    expect(counts.CPUExecutionProvider).toBe(1);
    expect([...elsewhere].sort()).toEqual(['MemcpyFromHost', 'Sign']);
  });

  it('keeps the engine from starting, so that nothing is slow without a word', async () => {
    const starting = createSession(await loadRuntime(), planted, { provider: 'webgpu' });
    await expect(starting).rejects.toThrow(ProviderStartError);
  });
});

function imageOf({ inChannels }: UNetDescription) {
  const shape = [batch, inChannels, size, size];
  return { data: new Float32Array(batch * inChannels * size * size).fill(0.5), shape };
}

function targetOf() {
  return { data: new Float32Array(batch * size * size), shape: [batch, size, size] };
}
