import type { OptimizerState, TensorValue } from '../../net/graph/network-engine.ts';
import type { Difficulties } from '../samples/slice-difficulty.ts';
import type { CurvePoint } from './curve-point.ts';

export type Weights = ReadonlyMap<string, TensorValue>;

/** All that a run needs to go on as if nothing had happened. It is made between two steps. */
export interface TrainingState {
  /** The number of steps done. */
  readonly step: number;
  /** The share of the schedule that is done, 0..1: a run that is counted in time goes on from here. */
  readonly fraction: number;
  /**
   * The time that its steps have taken on the wall clock, waiting for their batches included. Evaluations and
   * checkpoints do not count.
   */
  readonly trainedMs: number;
  /** The next step starts from these weights. */
  readonly weights: Weights;
  readonly optimizer: OptimizerState;
  /** The losses of the last steps, for their mean. */
  readonly losses: readonly number[];
  /** There is one point per evaluation. */
  readonly curve: readonly CurvePoint[];
  /** It is null before the first evaluation. */
  readonly best: BestWeights | null;
  /** The number of evaluations since `best`, which is the patience that is used up. */
  readonly evaluationsSinceBest: number;
  /** The difficulties in force and those that come into force later, in order of `fromStep`. */
  readonly difficulties: readonly Difficulties[];
}

export interface BestWeights {
  readonly weights: Weights;
  /** The number of steps that led to them. */
  readonly step: number;
  /** It is null where there was nothing to tune on. */
  readonly tuneDice: number | null;
}
