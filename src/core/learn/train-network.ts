import type { CancelSignal } from '../cancel.ts';
import { CancelledError } from '../errors.ts';
import { TrainingError } from './learn-errors.ts';
import { learningRate } from './learning-rate.ts';
import type { NetworkEngine, OptimizerState, Predictor, TensorValue, TrainingModel } from './network-engine.ts';
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
  const fraction = (step: number) =>
    Math.min(1, Math.max(step / stepsInAll, (now() - startedMs) / Math.max(1, untilMs - startedMs)));

  const trainer = await run.engine.createTrainer(run.model, signal);
  try {
    const history: { step: number; loss: number; tuneDice: number | null }[] = [];
    let best: { weights: Weights; optimizer: OptimizerState; tuneDice: number | null } | undefined;
    let newestDice: number | null = null;
    const losses: number[] = [];
    let step = 0;
    let diverged = false;
    let dueMs = startedMs + FIRST_EVALUATION_MS;

    const report = () =>
      run.onProgress({
        fraction: fraction(step),
        epoch: step === 0 ? 0 : Math.ceil(step / samples.stepsPerEpoch),
        step,
        loss: losses.length === 0 ? null : mean(losses),
        tuneDice: newestDice,
        bestTuneDice: best?.tuneDice ?? null,
      });
    const evaluate = async () => {
      const beganMs = now();
      const weights = await trainer.weights();
      newestDice = null;
      if (run.tune.length > 0) {
        newestDice = await withPredictor(run, weights, (predictor) => tuneDice(run.tune, plan, predictor));
      }
      // Without a measure the newest weights are the best guess.
      if (!best || newestDice === null || best.tuneDice === null || newestDice >= best.tuneDice) {
        best = { weights, optimizer: await trainer.optimizer(), tuneDice: newestDice };
      }
      history.push({ step, loss: mean(losses), tuneDice: newestDice });
      const endedMs = now();
      dueMs = endedMs + Math.max(FIRST_EVALUATION_MS, (endedMs - beganMs) / EVALUATION_SHARE);
      report();
    };
    let nextBatch = samples.nextBatch();
    while (step < stepsInAll && (step === 0 || now() < untilMs) && !signal?.aborted) {
      const running = trainer.step(
        nextBatch.input,
        nextBatch.target,
        learningRate(plan.optimizer, step, fraction(step)),
      );
      // The network runs on threads of its own: the next batch is made meanwhile.
      nextBatch = samples.nextBatch();
      const loss = await running;
      if (!Number.isFinite(loss)) {
        if (best) {
          diverged = true;
          break;
        }
        throw new TrainingError(
          'Training went out of bounds (the loss is not a number). Check the images for extreme values, or train with another seed.',
        );
      }
      losses.push(loss);
      if (losses.length > STEPS_IN_MEAN_LOSS) losses.shift();
      step++;
      report();
      const isDue = budget.kind === 'epochs' ? step % samples.stepsPerEpoch === 0 : now() >= dueMs;
      if (isDue && step < stepsInAll && now() < untilMs && !signal?.aborted) await evaluate();
    }
    const stopped = signal?.aborted === true;
    if (stopped && !best) throw new CancelledError();
    // A person who stops wants the result now: weights that were not measured yet are not worth the wait.
    if (!stopped && !diverged) await evaluate();
    if (!best) throw new TrainingError('Training ended before its first step. Give it more time.');
    return {
      ...best,
      epochs: Math.ceil(step / samples.stepsPerEpoch),
      steps: step,
      stopped,
      history,
    };
  } finally {
    await trainer.close();
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
