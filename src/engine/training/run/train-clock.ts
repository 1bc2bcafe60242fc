import type { TrainProgress, TrainProgressPlan } from '../../../core/protocol/engine/train.ts';

/** Progress messages do not come faster than this. */
const REPORT_EVERY_MS = 200;

export type TrainPhase = TrainProgress['phase'];

/** What is known of the training itself. */
export type TrainFigures = Pick<
  TrainProgress,
  'epoch' | 'step' | 'loss' | 'tuneDice' | 'bestTuneDice' | 'learningRate' | 'evaluation'
>;

/** The figures before it has begun. */
export const NO_FIGURES: TrainFigures = {
  epoch: 0,
  step: 0,
  loss: null,
  tuneDice: null,
  bestTuneDice: null,
  learningRate: null,
  evaluation: null,
};

/** The share that each phase takes of a run that is counted in epochs. */
const SHARES: Readonly<Record<TrainPhase, { readonly from: number; readonly to: number }>> = {
  preparing: { from: 0, to: 0.05 },
  training: { from: 0.05, to: 0.95 },
  evaluating: { from: 0.95, to: 1 },
};

/**
 * The run's wall clock: it knows when the run ends, how far it is, and what to tell the user. It counts milliseconds of
 * `performance.now()`.
 */
export class TrainClock {
  readonly startedMs: number;
  /** It is infinite where the run is counted in epochs. */
  readonly deadlineMs: number;
  #lastReportMs = Number.NEGATIVE_INFINITY;
  #lastPhase: TrainPhase | undefined;
  #lastEvaluation: number | undefined;
  #plan: TrainProgressPlan | undefined;
  #fraction = 0;

  /** @param secondsSpent by earlier parts of a run that goes on: its time counts from its first start */
  constructor(
    minutes: number | undefined,
    secondsSpent: number,
    private readonly report: (progress: TrainProgress) => void,
  ) {
    this.startedMs = performance.now() - 1000 * secondsSpent;
    this.deadlineMs = minutes === undefined ? Number.POSITIVE_INFINITY : this.startedMs + minutes * 60_000;
  }

  get seconds(): number {
    return (performance.now() - this.startedMs) / 1000;
  }

  /** The plan goes along with the next report, which is not held back. */
  planned(plan: TrainProgressPlan): void {
    this.#plan = plan;
  }

  /**
   * @param ofPhase how much of the phase is done, 0..1
   * @param figures what is known of the training
   */
  tell(phase: TrainPhase, ofPhase: number, figures: TrainFigures): void {
    const nowMs = performance.now();
    const isNews = phase !== this.#lastPhase || figures.evaluation?.step !== this.#lastEvaluation || this.#plan;
    if (!isNews && nowMs - this.#lastReportMs < REPORT_EVERY_MS) return;
    const plan = this.#plan;
    this.#plan = undefined;
    this.#lastEvaluation = figures.evaluation?.step;
    this.#lastPhase = phase;
    this.#lastReportMs = nowMs;
    const { from, to } = SHARES[phase];
    const elapsedMs = nowMs - this.startedMs;
    const ofRun = Number.isFinite(this.deadlineMs)
      ? elapsedMs / (this.deadlineMs - this.startedMs)
      : from + (to - from) * ofPhase;
    // A run that is longer than it was planned to be must not go backwards.
    this.#fraction = Math.min(1, Math.max(this.#fraction, ofRun));
    const msLeft = Number.isFinite(this.deadlineMs)
      ? this.deadlineMs - nowMs
      : this.#fraction > 0.1
        ? (elapsedMs / this.#fraction) * (1 - this.#fraction)
        : null;
    this.report({
      phase,
      fraction: this.#fraction,
      ...figures,
      secondsLeft: msLeft === null ? null : Math.max(0, msLeft / 1000),
      ...(plan && { plan }),
    });
  }
}
