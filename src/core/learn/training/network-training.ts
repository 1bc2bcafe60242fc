import type { CancelSignal } from '../../cancel.ts';
import type { NetworkEngine, TrainingModel } from '../../net/graph/network-engine.ts';
import type { Plan } from '../plan/plan.ts';
import type { BatchSource, TuneCase } from '../samples/batch-source.ts';
import type { CurvePoint } from './curve-point.ts';
import type { BestWeights, TrainingState, Weights } from './training-state.ts';

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
