import type { CancelSignal } from '../cancel.ts';
import { CancelledError } from '../errors.ts';
import { TrainingError } from './learn-errors.ts';
import { learningRate } from './learning-rate.ts';
import type {
  NetworkEngine,
  OptimizerState,
  Predictor,
  TensorValue,
  Trainer,
  TrainingModel,
} from './network-engine.ts';
import type { Plan } from './plan.ts';
import type { StoredPlanes } from './plane-source.ts';
import type { TrainingSamples } from './training-samples.ts';
import { tuneDice } from './tune-score.ts';

export type Weights = ReadonlyMap<string, TensorValue>;

/** When a run ends. With epochs, results depend on the seed alone (on the CPU); with time, also on the machine. */
export type TrainingBudget =
  | { readonly kind: 'epochs'; readonly epochs: number; readonly untilMs?: number | undefined }
  /** `untilMs` on the same clock as `now`. */
  | { readonly kind: 'time'; readonly untilMs: number };

export interface NetworkTraining {
  readonly plan: Plan;
  readonly engine: NetworkEngine;
  readonly model: TrainingModel;
  /** The predict graph with these weights, as ONNX. */
  readonly predictModel: (weights: Weights) => Uint8Array;
  readonly samples: TrainingSamples;
  /** May be empty: then the last weights are the best. */
  readonly tune: readonly StoredPlanes[];
  readonly budget: TrainingBudget;
  /** Milliseconds on a clock that never goes back. */
  readonly now: () => number;
  readonly signal?: CancelSignal | undefined;
  readonly onProgress: (report: NetworkProgress) => void;
}

export interface NetworkProgress {
  /** Of the training proper. */
  readonly fraction: number;
  readonly epoch: number;
  readonly step: number;
  /** Mean of the last steps; null before the first. */
  readonly loss: number | null;
  readonly tuneDice: number | null;
  readonly bestTuneDice: number | null;
}

export interface TrainedNetwork {
  readonly weights: Weights;
  /** When it had these weights. */
  readonly optimizer: OptimizerState;
  /** Of `weights`; null where there was nothing to tune on. */
  readonly tuneDice: number | null;
  /** Epochs begun. */
  readonly epochs: number;
  readonly steps: number;
  /** Cancelled after the first evaluation: `weights` are the best until then. */
  readonly stopped: boolean;
  /** One point per evaluation, for curves. */
  readonly history: readonly { readonly step: number; readonly loss: number; readonly tuneDice: number | null }[];
}

/** With a time budget: no more than a tenth of the time goes into evaluating, and no evaluation comes sooner than this. */
const EVALUATION_SHARE = 0.1;
const FIRST_EVALUATION_MS = 10_000;
const STEPS_IN_MEAN_LOSS = 20;

/**
 * Trains until the budget ends, measures the tune cases now and then, and keeps the best weights.
 *
 * @throws CancelledError if cancelled before the first evaluation; TrainingError if the loss is not finite any more
 */
export async function trainNetwork(run: NetworkTraining): Promise<TrainedNetwork> {
  const { plan, samples, budget, now, signal } = run;
  if (samples.slices === 0) {
    throw new TrainingError(
      'No slice is accepted or complete yet, so there is nothing to learn from. Accept some slices first.',
    );
  }
  const startedMs = now();
  const stepsInAll = budget.kind === 'epochs' ? budget.epochs * samples.stepsPerEpoch : Number.POSITIVE_INFINITY;
  const untilMs = budget.untilMs ?? Number.POSITIVE_INFINITY;
  const fraction = () =>
    Math.min(1, Math.max(step / stepsInAll, (now() - startedMs) / Math.max(1, untilMs - startedMs)));
  const goesOn = () => step < stepsInAll && now() < untilMs && !signal?.aborted;

  const trainer = await run.engine.createTrainer(run.model, signal);
  const evaluations = new Evaluations(run, trainer);
  const losses: number[] = [];
  let step = 0;
  const report = () =>
    run.onProgress({
      fraction: fraction(),
      epoch: Math.ceil(step / samples.stepsPerEpoch),
      step,
      loss: losses.length === 0 ? null : mean(losses),
      tuneDice: evaluations.newestDice,
      bestTuneDice: evaluations.best?.tuneDice ?? null,
    });
  const evaluate = async () => {
    await evaluations.evaluate(step, mean(losses));
    report();
  };
  let diverged = false;
  try {
    let batch = samples.nextBatch();
    do {
      const running = trainer.step(batch.input, batch.target, learningRate(plan, step, fraction()));
      // The network runs on threads of its own: the next batch is made meanwhile.
      batch = samples.nextBatch();
      const loss = await running;
      diverged = !Number.isFinite(loss);
      if (diverged) break;
      losses.push(loss);
      if (losses.length > STEPS_IN_MEAN_LOSS) losses.shift();
      step++;
      report();
      const isDue = budget.kind === 'epochs' ? step % samples.stepsPerEpoch === 0 : evaluations.isDue;
      if (isDue && goesOn()) await evaluate();
    } while (goesOn());

    const stopped = signal?.aborted === true;
    if (!evaluations.best) {
      if (stopped) throw new CancelledError();
      if (diverged) {
        throw new TrainingError(
          'Training went out of bounds (the loss is not a number). Check the images for extreme values, or train with another seed.',
        );
      }
    }
    // A person who stops wants the result now: weights that were not measured yet are not worth the wait.
    if (!stopped && !diverged) await evaluate();
    return {
      ...(evaluations.best as Evaluated),
      epochs: Math.ceil(step / samples.stepsPerEpoch),
      steps: step,
      stopped,
      history: evaluations.history,
    };
  } finally {
    await trainer.close();
  }
}

interface Evaluated {
  readonly weights: Weights;
  readonly optimizer: OptimizerState;
  readonly tuneDice: number | null;
}

/** Measures the weights on the tune cases and keeps the best. */
class Evaluations {
  best: Evaluated | undefined;
  newestDice: number | null = null;
  readonly history: { readonly step: number; readonly loss: number; readonly tuneDice: number | null }[] = [];
  #dueMs: number;

  constructor(
    private readonly run: NetworkTraining,
    private readonly trainer: Trainer,
  ) {
    this.#dueMs = run.now() + FIRST_EVALUATION_MS;
  }

  /** With a time budget: whether it is time again. */
  get isDue(): boolean {
    return this.run.now() >= this.#dueMs;
  }

  async evaluate(step: number, loss: number): Promise<void> {
    const { run } = this;
    const beganMs = run.now();
    const weights = await this.trainer.weights();
    this.newestDice =
      run.tune.length === 0
        ? null
        : await withPredictor(run, weights, (predictor) => tuneDice(run.tune, run.plan, predictor));
    // Without a measure the newest weights are the best guess.
    const before = this.best?.tuneDice ?? null;
    if (!this.best || this.newestDice === null || before === null || this.newestDice >= before) {
      this.best = { weights, optimizer: await this.trainer.optimizer(), tuneDice: this.newestDice };
    }
    this.history.push({ step, loss, tuneDice: this.newestDice });
    const endedMs = run.now();
    this.#dueMs = endedMs + Math.max(FIRST_EVALUATION_MS, (endedMs - beganMs) / EVALUATION_SHARE);
  }
}

async function withPredictor<T>(
  run: NetworkTraining,
  weights: Weights,
  use: (predictor: Predictor) => Promise<T>,
): Promise<T> {
  const predictor = await run.engine.createPredictor(run.predictModel(weights));
  try {
    return await use(predictor);
  } finally {
    await predictor.close();
  }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
