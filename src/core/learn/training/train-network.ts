import type { CancelSignal } from '../../cancel.ts';
import { CancelledError } from '../../errors.ts';
import type { NetworkEngine, Predictor, Trainer, TrainingModel } from '../../net/graph/network-engine.ts';
import { TrainingError } from '../learn-errors.ts';
import { learningRate } from '../plan/learning-rate.ts';
import type { Plan } from '../plan/plan.ts';
import type { BatchSource, TuneCase } from '../samples/batch-source.ts';
import { SliceDifficulties } from '../samples/slice-difficulty.ts';
import type { CurvePoint } from './curve-point.ts';
import type { BestWeights, TrainingState, Weights } from './training-state.ts';
import { type TuneScore, tuneDice } from './tune-score.ts';

/** Says when a run ends. With epochs, results depend on the seed alone (on the CPU); with time, also on the machine. */
export type TrainingBudget =
  | { readonly kind: 'epochs'; readonly epochs: number; readonly untilMs?: number | undefined }
  /** `untilMs` is on the same clock as `now`. */
  | { readonly kind: 'time'; readonly untilMs: number };

export interface NetworkTraining {
  readonly plan: Plan;
  readonly engine: NetworkEngine;
  /** The graph with the weights (and, in a run that goes on, the optimizer) to start from. */
  readonly model: TrainingModel;
  /** Returns the predict graph with these weights, as ONNX. */
  readonly predictModel: (weights: Weights) => Uint8Array;
  readonly batches: BatchSource;
  /** It may be empty: then the last weights are the best. */
  readonly tune: readonly TuneCase[];
  /** By label, background left out: whether the cases that are learned from show it. Without it they show all. */
  readonly learnt?: readonly boolean[] | undefined;
  readonly budget: TrainingBudget;
  /**
   * The run ends after so many evaluations in a row without a better tune Dice; without it, it goes on to the end of
   * the budget.
   */
  readonly patience?: number | undefined;
  /** The state in which an interrupted run stood; `model` must be of the same state. */
  readonly goOnFrom?: TrainingState | undefined;
  readonly checkpoints?: Checkpoints | undefined;
  /** Returns milliseconds on a clock that never goes back. */
  readonly now: () => number;
  readonly signal?: CancelSignal | undefined;
  readonly onProgress: (report: NetworkProgress) => void;
}

/**
 * Keeps a run's state. The state is offered before the first step, after every evaluation and, between two, whenever
 * `isDue`.
 */
export interface Checkpoints {
  readonly isDue: () => boolean;
  /**
   * This is asked before each step. It resolves when little training would be lost if the process died, or when it
   * waited as long as it may.
   */
  readonly keepUp: () => Promise<void>;
  /** Training goes on as soon as this resolves. */
  readonly save: (state: TrainingState) => Promise<void>;
}

export interface NetworkProgress {
  /** The share of the training proper that is done. */
  readonly fraction: number;
  readonly epoch: number;
  readonly step: number;
  /** The mean of the last steps. It is null before the first. */
  readonly loss: number | null;
  readonly tuneDice: number | null;
  readonly bestTuneDice: number | null;
  /** The rate of the last step. It is null before the first. */
  readonly learningRate: number | null;
  /** The newest evaluation. It is null before the first. */
  readonly evaluation: CurvePoint | null;
  /** @see TrainingState.trainedMs */
  readonly trainedMs: number;
  /** The part of it that the last step took. */
  readonly lastStepMs: number;
}

export type TrainingEnd = 'epochs' | 'time' | 'patience' | 'stopped' | 'diverged';

export interface TrainedNetwork {
  readonly best: BestWeights;
  /** The number of epochs begun. */
  readonly epochs: number;
  readonly steps: number;
  /**
   * `stopped` means that it was cancelled and `best` is the best until then; `diverged` the same, because the loss was
   * no number any more.
   */
  readonly ended: TrainingEnd;
  /** There is one point per evaluation. */
  readonly curve: readonly CurvePoint[];
}

/** With a time budget at most a tenth of the time goes into evaluating, and no evaluation comes sooner than this. */
const EVALUATION_SHARE = 0.1;
const FIRST_EVALUATION_MS = 10_000;
const STEPS_IN_MEAN_LOSS = 20;

/**
 * Trains until the budget or the patience ends, measures the tune cases now and then, and keeps the best weights.
 *
 * When it is cancelled, it gives the best until then. Before the first evaluation there is no best: then it measures
 * what it has, if it has trained for ten seconds, and gives up what it has otherwise.
 *
 * @throws CancelledError if cancelled in the first seconds
 * @throws TrainingError if the loss is not finite from the start
 */
export async function trainNetwork(run: NetworkTraining): Promise<TrainedNetwork> {
  if (run.batches.slices === 0) {
    throw new TrainingError(
      'No slice is accepted or complete yet, so there is nothing to learn from. Accept some slices first.',
    );
  }
  const trainer = await run.engine.createTrainer(run.model, run.signal);
  try {
    return await new TrainingLoop(run, trainer).run();
  } finally {
    await trainer.close();
  }
}

class TrainingLoop {
  #step: number;
  #trainedMs: number;
  #lastStepMs = 0;
  readonly #losses: number[];
  #rate: number | null = null;
  readonly #evaluations: Evaluations;
  readonly #difficulties: SliceDifficulties;
  readonly #startedMs: number;
  readonly #startedAtFraction: number;
  readonly #stepsInAll: number;
  readonly #untilMs: number;

  constructor(
    private readonly training: NetworkTraining,
    private readonly trainer: Trainer,
  ) {
    const { budget, batches, plan, goOnFrom } = training;
    this.#step = goOnFrom?.step ?? 0;
    this.#trainedMs = goOnFrom?.trainedMs ?? 0;
    this.#losses = [...(goOnFrom?.losses ?? [])];
    this.#startedAtFraction = goOnFrom?.fraction ?? 0;
    this.#startedMs = training.now();
    this.#stepsInAll = budget.kind === 'epochs' ? budget.epochs * batches.stepsPerEpoch : Number.POSITIVE_INFINITY;
    this.#untilMs = budget.untilMs ?? Number.POSITIVE_INFINITY;
    this.#difficulties = new SliceDifficulties(batches, plan, this.#step, goOnFrom?.difficulties ?? []);
    this.#evaluations = new Evaluations(training, trainer, this.#difficulties);
  }

  async run(): Promise<TrainedNetwork> {
    const { training, trainer } = this;
    const { plan, budget, batches, checkpoints, now } = training;
    let diverged = false;
    // The state is saved at once, so that what was read and prepared until here need not be done again.
    if (!training.goOnFrom) await checkpoints?.save(await this.#state());
    while (this.#step === 0 || this.#goesOn) {
      await checkpoints?.keepUp();
      const beganMs = now();
      const batch = await this.#difficulties.next();
      this.#rate = learningRate(plan, this.#step, this.#fraction);
      const loss = await trainer.step(batch.input, batch.target, this.#rate);
      diverged = !Number.isFinite(loss);
      if (diverged) break;
      this.#losses.push(loss);
      if (this.#losses.length > STEPS_IN_MEAN_LOSS) this.#losses.shift();
      this.#step++;
      this.#lastStepMs = now() - beganMs;
      this.#trainedMs += this.#lastStepMs;
      this.#report();
      const isDue = budget.kind === 'epochs' ? this.#step % batches.stepsPerEpoch === 0 : this.#evaluations.isDue;
      if (isDue && this.#goesOn) await this.#evaluate();
      else if (checkpoints?.isDue()) await checkpoints.save(await this.#state());
    }
    // A person who stops wants the result now: weights that were not measured yet are worth the wait only if there are
    // no others, and only if it took a while to come by them.
    const isLost = this.#evaluations.best === null;
    const ended = this.#ended(diverged);
    if (ended === 'stopped' && isLost && !this.#trainedForLong) throw new CancelledError();
    if (ended === 'diverged' && isLost) {
      throw new TrainingError(
        'Training went out of bounds (the loss is not a number). Check the images for extreme values, or train with another seed.',
      );
    }
    const isMeasured = this.#evaluations.curve.at(-1)?.step === this.#step;
    if (!isMeasured && (isLost || (ended !== 'stopped' && ended !== 'diverged'))) await this.#evaluate();
    return {
      best: this.#evaluations.best as BestWeights,
      epochs: Math.ceil(this.#step / batches.stepsPerEpoch),
      steps: this.#step,
      ended,
      curve: this.#evaluations.curve,
    };
  }

  get #goesOn(): boolean {
    const { now, signal } = this.training;
    return this.#step < this.#stepsInAll && now() < this.#untilMs && !signal?.aborted && !this.#isOutOfPatience;
  }

  get #isOutOfPatience(): boolean {
    return this.#evaluations.sinceBest >= (this.training.patience ?? Number.POSITIVE_INFINITY);
  }

  #ended(diverged: boolean): TrainingEnd {
    if (diverged) return 'diverged';
    if (this.#step >= this.#stepsInAll) return 'epochs';
    if (this.#isOutOfPatience) return 'patience';
    return this.training.signal?.aborted ? 'stopped' : 'time';
  }

  get #trainedForLong(): boolean {
    return this.training.goOnFrom !== undefined || this.training.now() - this.#startedMs >= FIRST_EVALUATION_MS;
  }

  /** The share of the schedule that is done. */
  get #fraction(): number {
    const ofTime = (this.training.now() - this.#startedMs) / Math.max(1, this.#untilMs - this.#startedMs);
    const withTime = this.#startedAtFraction + (1 - this.#startedAtFraction) * ofTime;
    return Math.min(1, Math.max(this.#step / this.#stepsInAll, Number.isFinite(this.#untilMs) ? withTime : 0));
  }

  async #evaluate(): Promise<void> {
    const rate = learningRate(this.training.plan, this.#step, this.#fraction);
    await this.#evaluations.evaluate(this.#step, mean(this.#losses), rate);
    this.#report();
    await this.training.checkpoints?.save(await this.#state());
  }

  async #state(): Promise<TrainingState> {
    return {
      step: this.#step,
      fraction: this.#fraction,
      trainedMs: this.#trainedMs,
      weights: await this.trainer.weights(),
      optimizer: await this.trainer.optimizer(),
      losses: [...this.#losses],
      curve: [...this.#evaluations.curve],
      best: this.#evaluations.best,
      evaluationsSinceBest: this.#evaluations.sinceBest,
      difficulties: this.#difficulties.at(this.#step),
    };
  }

  #report(): void {
    this.training.onProgress({
      fraction: this.#fraction,
      epoch: Math.ceil(this.#step / this.training.batches.stepsPerEpoch),
      step: this.#step,
      loss: this.#losses.length === 0 ? null : mean(this.#losses),
      tuneDice: this.#evaluations.curve.at(-1)?.tuneDice ?? null,
      bestTuneDice: this.#evaluations.best?.tuneDice ?? null,
      learningRate: this.#rate,
      evaluation: this.#evaluations.curve.at(-1) ?? null,
      trainedMs: this.#trainedMs,
      lastStepMs: this.#lastStepMs,
    });
  }
}

/** Measures the weights on the tune cases and keeps the best. */
class Evaluations {
  best: BestWeights | null;
  sinceBest: number;
  readonly curve: CurvePoint[];
  #dueMs: number;

  constructor(
    private readonly training: NetworkTraining,
    private readonly trainer: Trainer,
    private readonly difficulties: SliceDifficulties,
  ) {
    this.best = training.goOnFrom?.best ?? null;
    this.sinceBest = training.goOnFrom?.evaluationsSinceBest ?? 0;
    this.curve = [...(training.goOnFrom?.curve ?? [])];
    this.#dueMs = training.now() + FIRST_EVALUATION_MS;
  }

  /** With a time budget this says whether it is time again. */
  get isDue(): boolean {
    return this.training.now() >= this.#dueMs;
  }

  async evaluate(step: number, loss: number, rate: number): Promise<void> {
    const { tune, plan, now } = this.training;
    const learnt = this.training.learnt ?? plan.labels.slice(1).map(() => true);
    const beganMs = now();
    const weights = await this.trainer.weights();
    const score: TuneScore | null =
      tune.length === 0 && plan.batch.hardShare === 0
        ? null
        : await this.#withPredictor(weights, async (predictor) => {
            await this.difficulties.measure(predictor);
            return tune.length === 0 ? null : tuneDice(tune, plan, predictor, learnt);
          });
    const found = score?.dice ?? null;
    const before = this.best?.tuneDice ?? null;
    // Without a measure the newest weights are the best guess.
    const isBest = found === null || before === null || found >= before;
    this.sinceBest = found === null || before === null || found > before ? 0 : this.sinceBest + 1;
    if (isBest) this.best = { weights, step, tuneDice: found };
    this.curve.push({
      step,
      loss,
      tuneDice: found,
      learningRate: rate,
      ...(score && { labelDice: score.labelDice }),
    });
    const endedMs = now();
    this.#dueMs = endedMs + Math.max(FIRST_EVALUATION_MS, (endedMs - beganMs) / EVALUATION_SHARE);
  }

  async #withPredictor<T>(weights: Weights, use: (predictor: Predictor) => Promise<T>): Promise<T> {
    const predictor = await this.training.engine.createPredictor(this.training.predictModel(weights));
    try {
      return await use(predictor);
    } finally {
      await predictor.close();
    }
  }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
