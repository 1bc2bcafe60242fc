import { describe, expect, it } from 'vitest';
import { CancelSource } from '../../../src/core/cancel.ts';
import { caseFingerprint } from '../../../src/core/learn/fingerprint.ts';
import { makePlan } from '../../../src/core/learn/make-plan.ts';
import type { NetworkEngine, TensorValue } from '../../../src/core/learn/network-engine.ts';
import type { Plan } from '../../../src/core/learn/plan.ts';
import { StoredPlanes } from '../../../src/core/learn/plane-source.ts';
import { sliceFrame } from '../../../src/core/learn/slice-frame.ts';
import { type NetworkTraining, trainNetwork } from '../../../src/core/learn/train-network.ts';
import { TrainingSamples } from '../../../src/core/learn/training-samples.ts';
import { SeededRandom } from '../../../src/core/random.ts';
import { BALL_LABELS, ballCase } from '../../support/learn-cases.ts';

const { image, truth } = ballCase(1);
const frame = sliceFrame(image.grid, 2);
const plan: Plan = {
  ...makePlan({
    ...{ preset: 'auto', labels: BALL_LABELS, channelNames: ['image'], onGpu: false },
    cases: [caseFingerprint(image, truth, frame, 3)],
  }),
  batch: { size: 4, foregroundShare: 0.5, hardShare: 0 },
};
const planes = new StoredPlanes('a', image, truth, frame, plan);

/**
 * A scripted engine: step n makes weights [n]; a predictor made of weights [n] finds the truth for a share of pixels
 * that `quality` says, so tuning sees a known sequence. Time passes by 1 s a step and 0.1 s a prediction.
 */
function scripted(quality: (step: number) => number, loss: (step: number) => number = (step) => 1 / (step + 1)) {
  const state = { nowMs: 0, steps: 0, open: 0, rates: [] as number[] };
  const engine: NetworkEngine = {
    name: 'Scripted',
    target: 'cpu',
    createTrainer: async () => {
      state.open++;
      return {
        step: async (_input, _target, rate) => {
          state.nowMs += 1000;
          state.rates.push(rate);
          return loss(state.steps++);
        },
        weights: async () => new Map([['w', tensor([state.steps])]]),
        optimizer: async () => ({ step: state.steps, moments: new Map() }),
        close: async () => {
          state.open--;
        },
      };
    },
    createPredictor: async (model) => {
      state.open++;
      const share = quality(model[0]);
      let call = 0;
      return {
        predict: async ({ shape }) => {
          state.nowMs += 100;
          const [batch, , rows, columns] = shape;
          const pixels = rows * columns;
          const data = new Float32Array(batch * 3 * pixels);
          for (let index = 0; index < batch; index++) {
            const target = planes.target(planes.labelled[call++ % planes.labelled.length].slice);
            for (let pixel = 0; pixel < pixels; pixel++) {
              const label = pixel / pixels < share ? Math.max(0, target[pixel]) : 0;
              data[(index * 3 + label) * pixels + pixel] = 1;
            }
          }
          return { data, shape: [batch, 3, rows, columns] };
        },
        close: async () => {
          state.open--;
        },
      };
    },
    close: async () => undefined,
  };
  return { engine, state };
}

function tensor(values: number[]): TensorValue {
  return { data: Float32Array.from(values), shape: [values.length] };
}

function run(script: ReturnType<typeof scripted>, overrides: Partial<NetworkTraining> = {}): NetworkTraining {
  return {
    plan,
    engine: script.engine,
    model: { graph: new Uint8Array(), weights: new Map() },
    predictModel: (weights) => Uint8Array.of(weights.get('w')?.data[0] ?? 0),
    samples: new TrainingSamples([planes], plan, new SeededRandom(1)),
    tune: [planes],
    budget: { kind: 'epochs', epochs: 5 },
    now: () => script.state.nowMs,
    onProgress: () => undefined,
    ...overrides,
  };
}

const stepsPerEpoch = 2;

describe('trainNetwork', () => {
  it('measures after every epoch and keeps the best weights, with their optimizer state', async () => {
    const script = scripted((step) => (step === 3 * stepsPerEpoch ? 1 : 0.4));
    const trained = await trainNetwork(run(script));
    expect(trained).toMatchObject({ epochs: 5, steps: 5 * stepsPerEpoch, stopped: false, tuneDice: 1 });
    expect(trained.weights.get('w')?.data[0]).toBe(3 * stepsPerEpoch);
    expect(trained.optimizer.step).toBe(3 * stepsPerEpoch);
    expect(trained.history.map(({ step }) => step)).toEqual([2, 4, 6, 8, 10]);
    expect(script.state.open).toBe(0);
  });

  it('without tune cases takes the last weights', async () => {
    const trained = await trainNetwork(
      run(
        scripted(() => 0),
        { tune: [] },
      ),
    );
    expect(trained.tuneDice).toBeNull();
    expect(trained.weights.get('w')?.data[0]).toBe(5 * stepsPerEpoch);
  });

  it('ends in time, with evaluations taking a tenth of it at most', async () => {
    const script = scripted(() => 0.5);
    const trained = await trainNetwork(run(script, { budget: { kind: 'time', untilMs: 100_000 } }));
    expect(script.state.nowMs).toBeLessThan(103_000);
    expect(trained.steps).toBeGreaterThan(85);
    expect(trained.history.length).toBeGreaterThanOrEqual(5);
    expect(script.state.rates.at(-1)).toBeLessThan(script.state.rates[50] / 10);
  });

  it('does a step and an evaluation even if there is no time at all', async () => {
    const trained = await trainNetwork(
      run(
        scripted(() => 0.5),
        { budget: { kind: 'time', untilMs: -1 } },
      ),
    );
    expect(trained).toMatchObject({ steps: 1, stopped: false });
  });

  it('cancelled before the first evaluation, leaves nothing', async () => {
    const source = new CancelSource();
    const script = scripted(() => 0.5);
    const training = trainNetwork(run(script, { signal: source.signal, onProgress: () => source.cancel() }));
    await expect(training).rejects.toMatchObject({ code: 'cancelled' });
    expect(script.state.open).toBe(0);
  });

  it('cancelled later, gives the best until then', async () => {
    const source = new CancelSource();
    const training = run(
      scripted((step) => (step === 2 ? 0.9 : 0.2)),
      {
        signal: source.signal,
        onProgress: ({ step }) => {
          if (step === 7) source.cancel();
        },
      },
    );
    const trained = await trainNetwork(training);
    expect(trained.stopped).toBe(true);
    expect(trained.steps).toBe(7);
    expect(trained.weights.get('w')?.data[0]).toBe(2);
  });

  it('a loss that is not a number ends it: with the best until then, or with an error', async () => {
    const late = await trainNetwork(
      run(
        scripted(
          () => 0.5,
          (step) => (step < 5 ? 1 : Number.NaN),
        ),
      ),
    );
    expect(late.weights.get('w')?.data[0]).toBe(4);
    const early = trainNetwork(
      run(
        scripted(
          () => 0.5,
          () => Number.NaN,
        ),
      ),
    );
    await expect(early).rejects.toMatchObject({ code: 'training' });
  });

  it('refuses to learn from nothing', async () => {
    const none = new TrainingSamples([], plan, new SeededRandom(1));
    await expect(
      trainNetwork(
        run(
          scripted(() => 0),
          { samples: none },
        ),
      ),
    ).rejects.toMatchObject({ code: 'training' });
  });

  it('tells how far it is, never backwards', async () => {
    const fractions: number[] = [];
    await trainNetwork(
      run(
        scripted(() => 0.5),
        { onProgress: ({ fraction }) => fractions.push(fraction) },
      ),
    );
    expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
    expect(fractions.at(-1)).toBe(1);
  });
});
