import { CancelledError } from '../../errors.ts';
import type { Trainer } from '../../net/graph/network-engine.ts';
import { TrainingError } from '../learn-errors.ts';
import { learningRate } from '../plan/learning-rate.ts';
import { SliceDifficulties } from '../samples/slice-difficulty.ts';
import { Evaluations, FIRST_EVALUATION_MS } from './evaluations.ts';
import type { NetworkTraining, TrainedNetwork, TrainingEnd } from './network-training.ts';
import type { BestWeights, TrainingState } from './training-state.ts';

/** The loss that is told is the mean of so many steps. */
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
    const { goOnFrom, checkpoints } = this.training;
    // The state is saved at once, so that what was read and prepared until here need not be done again.
    if (!goOnFrom) await checkpoints?.save(await this.#state());
    let diverged = false;
    while (!diverged && (this.#step === 0 || this.#goesOn)) {
      await checkpoints?.keepUp();
      diverged = !(await this.#trainStep());
      if (!diverged) await this.#measureOrKeep();
    }
    return this.#finish(diverged);
  }

  /** Trains on the next batch. @returns false: the loss is no number, so that the step does not count */
  async #trainStep(): Promise<boolean> {
    const { plan, now } = this.training;
    const beganMs = now();
    const batch = await this.#difficulties.next();
    this.#rate = learningRate(plan, this.#step, this.#fraction);
    const loss = await this.trainer.step(batch.input, batch.target, this.#rate);
    if (!Number.isFinite(loss)) return false;
    this.#losses.push(loss);
    if (this.#losses.length > STEPS_IN_MEAN_LOSS) this.#losses.shift();
    this.#step++;
    this.#lastStepMs = now() - beganMs;
    this.#trainedMs += this.#lastStepMs;
    this.#report();
    return true;
  }

  /** Measures the weights when it is time to, or else keeps them when that is. */
  async #measureOrKeep(): Promise<void> {
    const { budget, batches, checkpoints } = this.training;
    const isDue = budget.kind === 'epochs' ? this.#step % batches.stepsPerEpoch === 0 : this.#evaluations.isDue;
    if (isDue && this.#goesOn) await this.#evaluate();
    else if (checkpoints?.isDue()) await checkpoints.save(await this.#state());
  }

  /** Measures the last weights, unless there are others that were measured and nobody wants to wait. */
  async #finish(diverged: boolean): Promise<TrainedNetwork> {
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
      epochs: Math.ceil(this.#step / this.training.batches.stepsPerEpoch),
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

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
