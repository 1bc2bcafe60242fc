import { afterAll, describe, expect, it } from 'vitest';
import type { Plan } from '../../../../src/core/learn/plan/plan.ts';
import type { BatchSource, LabelledPlanes, TuneCase } from '../../../../src/core/learn/samples/batch-source.ts';
import { decodeCheckpoint, encodeCheckpoint } from '../../../../src/core/learn/training/checkpoint-codec.ts';
import {
  planInitialWeights,
  planPredictModel,
  planTrainingGraph,
} from '../../../../src/core/learn/training/network.ts';
import type { TrainedNetwork } from '../../../../src/core/learn/training/network-training.ts';
import { trainNetwork } from '../../../../src/core/learn/training/train-network.ts';
import type { TrainingState } from '../../../../src/core/learn/training/training-state.ts';
import { SeededRandom } from '../../../../src/core/random.ts';
import { createOnnxEngine } from '../../../../src/engine/engines/onnx-runtime/onnx-engine.ts';
import { SMALL_PLAN } from '../../../support/small-plan.ts';

const engine = await createOnnxEngine('cpu', { threads: 2 });
afterAll(() => engine.close());

const { rows, columns } = SMALL_PLAN.plane;
const PIXELS = rows * columns;
const SLICES = 24;

/** Slice `index`: noise with a bright block that is label 1 or 2, at a place of its own. */
function slice(index: number): { input: Float32Array; target: Int16Array } {
  const random = new SeededRandom(index);
  const label = 1 + (index % 2);
  const [top, left] = [random.integer(rows - 3), random.integer(columns - 3)];
  const target = new Int16Array(PIXELS);
  for (let pixel = 0; pixel < PIXELS; pixel++) {
    const [row, column] = [Math.floor(pixel / columns), pixel % columns];
    if (row >= top && row < top + 3 && column >= left && column < left + 3) target[pixel] = label;
  }
  return { input: Float32Array.from(target, (value) => 2 * value + random.normal()), target };
}

/** Batches as the loader makes them: a function of the step and of the difficulties in force. */
class MemoryBatches implements BatchSource {
  readonly slices = SLICES;
  readonly stepsPerEpoch = SLICES / SMALL_PLAN.batch.size;
  readonly #difficulties: { fromStep: number; values: Float32Array }[] = [];

  async batch(step: number) {
    const { size } = SMALL_PLAN.batch;
    const random = new SeededRandom(1000 + step);
    const inForce = this.#difficulties.filter(({ fromStep }) => fromStep <= step).at(-1)?.values;
    const samples = Array.from({ length: size }, (_, place) => {
      if (place > 0 || !inForce) return random.integer(SLICES);
      return inForce.indexOf(Math.max(...inForce));
    });
    const input = new Float32Array(size * PIXELS);
    const target = new Float32Array(size * PIXELS);
    samples.forEach((sample, place) => {
      input.set(slice(sample).input, place * PIXELS);
      target.set(slice(sample).target, place * PIXELS);
    });
    return {
      input: { data: input, shape: [size, 1, rows, columns] },
      target: { data: target, shape: [size, rows, columns] },
      samples,
    };
  }

  setDifficulties(fromStep: number, values: Float32Array): void {
    this.#difficulties.push({ fromStep, values });
  }

  async close(): Promise<void> {}
}

const planes: LabelledPlanes = {
  id: 'tune',
  slices: 6,
  neighbourStep: 1,
  rows,
  columns,
  channels: 1,
  labelled: Array.from({ length: 6 }, (_, index) => ({ slice: index, classes: [1, 2] })),
  readPlane: (index, target, offset) => target.set(slice(100 + index).input, offset),
  target: (index) => slice(100 + index).target,
};
const tuneCase: TuneCase = { id: 'tune', load: async () => planes };

const EPOCHS = 4;

function run(
  plan: Plan,
  goOnFrom: TrainingState | undefined,
  save: (state: TrainingState) => void = () => undefined,
): Promise<TrainedNetwork> {
  return trainNetwork({
    plan,
    engine,
    model: {
      graph: planTrainingGraph(plan, engine.target, 3),
      weights: goOnFrom?.weights ?? planInitialWeights(plan, 3),
      ...(goOnFrom && { optimizer: goOnFrom.optimizer }),
    },
    predictModel: (weights) => planPredictModel(plan, weights),
    batches: new MemoryBatches(),
    tune: [tuneCase],
    budget: { kind: 'epochs', epochs: EPOCHS },
    goOnFrom,
    checkpoints: { isDue: () => true, keepUp: async () => undefined, save: async (state) => save(state) },
    now: () => performance.now(),
    onProgress: () => undefined,
  });
}

/** Through the file and back. */
function reread(state: TrainingState): TrainingState {
  return decodeCheckpoint(encodeCheckpoint({ state, run: {} })).state;
}

const plans: Record<string, Plan> = {
  Adam: SMALL_PLAN,
  'hard slices': { ...SMALL_PLAN, batch: { ...SMALL_PLAN.batch, hardShare: 0.25 } },
  'averaged weights, dropout, clipped gradients': {
    ...SMALL_PLAN,
    network: { ...SMALL_PLAN.network, dropout: 0.3 },
    gradientClip: 1,
    averageDecay: 0.9,
  },
  'Nesterov momentum': {
    ...SMALL_PLAN,
    optimizer: { kind: 'sgd', momentum: 0.9, learningRate: 0.01 },
    schedule: { kind: 'poly', warmUpSteps: 0, warmStartPeak: 1 },
  },
};

describe.each(Object.entries(plans))('training that goes on from a checkpoint: %s', (_, plan) => {
  it('ends bit for bit where the whole one ends, from any step', async () => {
    const states: TrainingState[] = [];
    const whole = await run(plan, undefined, (state) => states.push(reread(state)));
    expect(await run(plan, undefined)).toEqual(whole);
    expect(whole.best.tuneDice).toBeGreaterThan(0.1);
    const steps = (EPOCHS * SLICES) / plan.batch.size;
    expect(states.map(({ step }) => step)).toEqual([...Array.from({ length: steps + 1 }, (__, n) => n), steps]);
    // Between two evaluations, at one, and after the last.
    for (const state of [states[1], states[5], states[13], states[24]]) {
      const rest = await run(plan, state);
      expect(rest.curve).toEqual(whole.curve);
      expect(rest).toEqual(whole);
    }
  });
});
