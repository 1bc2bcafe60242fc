import type { OptimizerState, TensorValue } from '../../net/graph/network-engine.ts';
import type { Difficulties } from '../samples/slice-difficulty.ts';
import type { CurvePoint } from './curve-point.ts';

export type Weights = ReadonlyMap<string, TensorValue>;

/** All that a run needs to go on as if nothing had happened; made between two steps. */
export interface TrainingState {
  /** Steps done. */
  readonly step: number;
  /** How much of the schedule is done, 0..1: a run that is counted in time goes on from here. */
  readonly fraction: number;
  /** What its steps have taken on the wall clock, waiting for their batches included: neither evaluations nor checkpoints. */
  readonly trainedMs: number;
  /** What the next step starts from. */
  readonly weights: Weights;
  readonly optimizer: OptimizerState;
  /** Of the last steps, for their mean. */
  readonly losses: readonly number[];
  /** One point per evaluation. */
  readonly curve: readonly CurvePoint[];
  /** Null before the first evaluation. */
  readonly best: BestWeights | null;
  /** Evaluations since `best`: the patience that is used up. */
  readonly evaluationsSinceBest: number;
  /** Those in force and those that come into force later, in order of `fromStep`. */
  readonly difficulties: readonly Difficulties[];
}

export interface BestWeights {
  readonly weights: Weights;
  /** Steps that led to them. */
  readonly step: number;
  /** Null where there was nothing to tune on. */
  readonly tuneDice: number | null;
}
