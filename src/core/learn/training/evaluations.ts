import type { Predictor, Trainer } from '../../net/graph/network-engine.ts';
import type { SliceDifficulties } from '../samples/slice-difficulty.ts';
import type { CurvePoint } from './curve-point.ts';
import type { NetworkTraining } from './network-training.ts';
import type { BestWeights, Weights } from './training-state.ts';
import { type TuneScore, tuneDice } from './tune-score.ts';

/** With a time budget at most a tenth of the time goes into evaluating, and no evaluation comes sooner than this. */
const EVALUATION_SHARE = 0.1;
export const FIRST_EVALUATION_MS = 10_000;

/** Measures the weights on the tune cases and keeps the best. */
export class Evaluations {
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
