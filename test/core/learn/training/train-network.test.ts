import { describe, expect, it } from 'vitest';
import { CancelSource } from '../../../../src/core/cancel.ts';
import type { BatchSource, LabelledPlanes, TuneCase } from '../../../../src/core/learn/samples/batch-source.ts';
import type { Checkpoints, NetworkTraining } from '../../../../src/core/learn/training/network-training.ts';
import { trainNetwork } from '../../../../src/core/learn/training/train-network.ts';
import type { TrainingState } from '../../../../src/core/learn/training/training-state.ts';
import type { NetworkEngine, TensorValue } from '../../../../src/core/net/graph/network-engine.ts';
import { SMALL_PLAN } from '../../../support/small-plan.ts';

const plan = SMALL_PLAN;
const { rows: ROWS, columns: COLUMNS } = plan.plane;
const SLICES = 8;

/** Planes whose target is label 1 above and label 2 below. */
const planes: LabelledPlanes = {
  id: 'a',
  slices: SLICES,
  neighbourStep: 1,
  rows: ROWS,
  columns: COLUMNS,
  channels: 1,
  labelled: Array.from({ length: SLICES }, (_, slice) => ({ slice, classes: [1, 2] })),
  readPlane: () => undefined,
  target: () => Int16Array.from({ length: ROWS * COLUMNS }, (_, pixel) => (pixel < 32 ? 1 : 2)),
};
const tuneCase: TuneCase = { id: 'a', load: async () => planes };

/** Batches whose input says which step they are for; each slice's target is label 1 in all pixels. */
function batches(log: string[] = [], slices = SLICES): BatchSource {
  const size = plan.batch.size;
  return {
    slices,
    stepsPerEpoch: 2,
    batch: async (step) => {
      log.push(`batch ${step}`);
      return {
        input: { data: new Float32Array(size).fill(step), shape: [size, 1, 1, 1] },
        target: { data: new Float32Array(size).fill(1), shape: [size, 1, 1] },
        samples: Array.from({ length: size }, (_, place) => (step * size + place) % slices),
      };
    },
    setDifficulties: (fromStep, values) => log.push(`from ${fromStep}: ${[...values].map((v) => v.toFixed(2))}`),
    close: async () => undefined,
  };
}

/**
 * A scripted engine: step n makes weights [n]; a predictor made of weights [n] finds the truth for a share of pixels
 * that `quality` says, so tuning sees a known sequence. Time passes by 1 s a step and 0.1 s a prediction.
 */
function scripted(quality: (step: number) => number, loss: (step: number) => number = (step) => 1 / (step + 1)) {
  const state = { nowMs: 0, steps: 0, open: 0, rates: [] as number[] };
  const engine: NetworkEngine = {
    name: 'Scripted',
    onGpu: false,
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
      return {
        predict: async ({ shape }) => {
          state.nowMs += 100;
          const [batch, , rows, columns] = shape;
          const pixels = rows * columns;
          const data = new Float32Array(batch * 3 * pixels);
          for (let index = 0; index < batch; index++) {
            const target = planes.target(0);
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
    batches: batches(),
    tune: [tuneCase],
    budget: { kind: 'epochs', epochs: 5 },
    now: () => script.state.nowMs,
    onProgress: () => undefined,
    ...overrides,
  };
}

const stepsPerEpoch = 2;

describe('trainNetwork', () => {
  it('measures after every epoch and keeps the best weights', async () => {
    const script = scripted((step) => (step === 3 * stepsPerEpoch ? 1 : 0.4));
    const trained = await trainNetwork(run(script));
    expect(trained).toMatchObject({ epochs: 5, steps: 5 * stepsPerEpoch, ended: 'epochs', best: { tuneDice: 1 } });
    expect(trained.best.weights.get('w')?.data[0]).toBe(3 * stepsPerEpoch);
    expect(trained.best.step).toBe(3 * stepsPerEpoch);
    expect(trained.curve.map(({ step }) => step)).toEqual([2, 4, 6, 8, 10]);
    expect(script.state.open).toBe(0);
  });

  it('a label that was never learned chooses no weights', async () => {
    // Half of the pixels are found: label 1 wholly, label 2 not at all.
    const [all, first] = await Promise.all(
      [undefined, [true, false]].map((learnt) =>
        trainNetwork(
          run(
            scripted(() => 0.5),
            { learnt },
          ),
        ),
      ),
    );
    expect(all.curve[0]).toMatchObject({ tuneDice: 0.5, labelDice: [1, 0] });
    expect(first.curve[0]).toMatchObject({ tuneDice: 1, labelDice: [1, null] });
  });

  it('without tune cases takes the last weights', async () => {
    const trained = await trainNetwork(
      run(
        scripted(() => 0),
        { tune: [] },
      ),
    );
    expect(trained.best.tuneDice).toBeNull();
    expect(trained.best.weights.get('w')?.data[0]).toBe(5 * stepsPerEpoch);
  });

  it('ends in time, with evaluations taking a tenth of it at most', async () => {
    const script = scripted(() => 0.5);
    const trained = await trainNetwork(run(script, { budget: { kind: 'time', untilMs: 100_000 } }));
    expect(script.state.nowMs).toBeLessThan(103_000);
    expect(trained.steps).toBeGreaterThan(85);
    expect(trained.curve.length).toBeGreaterThanOrEqual(5);
    expect(script.state.rates.at(-1)).toBeLessThan(script.state.rates[50] / 10);
  });

  it('does a step and an evaluation even if there is no time at all', async () => {
    const trained = await trainNetwork(
      run(
        scripted(() => 0.5),
        { budget: { kind: 'time', untilMs: -1 } },
      ),
    );
    expect(trained).toMatchObject({ steps: 1, ended: 'time' });
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
    expect(trained.ended).toBe('stopped');
    expect(trained.steps).toBe(7);
    expect(trained.best.weights.get('w')?.data[0]).toBe(2);
  });

  it('cancelled before the first evaluation but after ten seconds, measures what it has and keeps it', async () => {
    const source = new CancelSource();
    const script = scripted(() => 0.5);
    const trained = await trainNetwork(
      run(script, {
        budget: { kind: 'epochs', epochs: 5 },
        batches: { ...batches(), stepsPerEpoch: 100 },
        signal: source.signal,
        onProgress: ({ step }) => {
          if (step === 12) source.cancel();
        },
      }),
    );
    expect(trained).toMatchObject({ ended: 'stopped', steps: 12, best: { step: 12 } });
    expect(trained.best.tuneDice).toBeGreaterThan(0);
  });

  it('ends early when the tune Dice has not risen for as many evaluations as its patience', async () => {
    const best = 3 * stepsPerEpoch;
    const script = scripted((step) => (step === best ? 0.9 : 0.4));
    const budget = { kind: 'epochs', epochs: 50 } as const;
    const trained = await trainNetwork(run(script, { budget, patience: 4 }));
    expect(trained).toMatchObject({ ended: 'patience', epochs: 7, best: { step: best } });
    // Where nothing can be measured there is nothing to be impatient about.
    const blind = await trainNetwork(
      run(
        scripted(() => 0),
        { budget, patience: 4, tune: [] },
      ),
    );
    expect(blind).toMatchObject({ ended: 'epochs', epochs: 50 });
    // The same all the time is no progress.
    const flat = await trainNetwork(
      run(
        scripted(() => 0.5),
        { budget, patience: 4 },
      ),
    );
    expect(flat).toMatchObject({ ended: 'patience', epochs: 5 });
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
    expect(late.best.weights.get('w')?.data[0]).toBe(4);
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
    await expect(
      trainNetwork(
        run(
          scripted(() => 0),
          { batches: batches([], 0) },
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

  it('measures hard slices on the batches that come next, each of them made once', async () => {
    const log: string[] = [];
    const hard = { ...plan, batch: { ...plan.batch, hardShare: 0.25 } };
    await trainNetwork(
      run(
        scripted(() => 0),
        { plan: hard, batches: batches(log), tune: [] },
      ),
    );
    const steps = log.filter((line) => line.startsWith('batch')).map((line) => Number(line.slice('batch '.length)));
    expect(steps).toEqual(steps.map((_, index) => index));
    // Eight batches are looked at after step 2; all slices are in them, and all are found wrong.
    expect(log.indexOf('batch 9')).toBe(log.indexOf(`from 10: ${Array(SLICES).fill('1.00')}`) - 1);
    expect(log.filter((line) => line.startsWith('from'))).toHaveLength(5);
  });

  it('gives its state at every evaluation and whenever it is due, and goes on from any of them', async () => {
    const quality = (step: number) => (step === 4 ? 0.9 : 0.4);
    const states: TrainingState[] = [];
    const checkpoints: Checkpoints = {
      isDue: () => true,
      keepUp: async () => undefined,
      save: async (state) => void states.push(state),
    };
    const whole = await trainNetwork(run(scripted(quality), { checkpoints }));
    // The first is of before the first step. The last step's comes twice: before and after it is measured.
    expect(states.map(({ step }) => step)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 10]);
    for (const goOnFrom of states) {
      const script = scripted(quality);
      script.state.steps = goOnFrom.step;
      const log: string[] = [];
      const rest = await trainNetwork(run(script, { goOnFrom, batches: batches(log) }));
      expect(log).toEqual(Array.from({ length: 10 - goOnFrom.step }, (_, n) => `batch ${goOnFrom.step + n}`));
      expect(rest).toEqual(whole);
    }
  });

  it('counted in time, goes on with the part of the schedule and the patience that are left', async () => {
    const states: TrainingState[] = [];
    const checkpoints: Checkpoints = {
      isDue: () => true,
      keepUp: async () => undefined,
      save: async (state) => void states.push(state),
    };
    const budget = { kind: 'time', untilMs: 100_000 } as const;
    await trainNetwork(
      run(
        scripted(() => 0.5),
        { budget, checkpoints },
      ),
    );
    const goOnFrom = states.find(({ fraction }) => fraction > 0.6) as TrainingState;
    const fractions: number[] = [];
    const script = scripted(() => 0.5);
    const rest = await trainNetwork(
      run(script, {
        goOnFrom,
        budget: { kind: 'time', untilMs: 40_000 },
        onProgress: ({ fraction }) => fractions.push(fraction),
      }),
    );
    expect(fractions[0]).toBeGreaterThan(0.6);
    expect(fractions[0]).toBeLessThan(0.65);
    expect(fractions.at(-1)).toBe(1);
    expect(script.state.rates[0]).toBeLessThan(plan.optimizer.learningRate * 0.4);
    expect(rest.steps).toBeGreaterThan(goOnFrom.step + 30);
    expect(rest.curve.slice(0, goOnFrom.curve.length)).toEqual(goOnFrom.curve);
  });
});
