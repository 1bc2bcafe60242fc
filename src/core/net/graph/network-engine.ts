import type { CancelSignal } from '../../cancel.ts';
import type { LoweringTarget } from './tensor.ts';

/** float32 data of the given shape, row-major (last axis fastest), e.g. `[batch, channels, y, x]`. */
export interface TensorValue {
  readonly data: Float32Array;
  readonly shape: readonly number[];
}

/** Runs a predict graph. There is one per model version, and it is closed when done. */
export interface Predictor {
  /** Turns `[batch, inChannels, y, x]` into class probabilities `[batch, classes, y, x]`. */
  predict(input: TensorValue): Promise<TensorValue>;
  /**
   * The memory that one run may take on a device of its own. It is absent where it runs in main memory, where few
   * images at once are quickest.
   */
  readonly memoryBytes?: number | undefined;
  close(): Promise<void>;
}

/** Runs a training-step graph and keeps weights and optimizer state between steps. */
export interface Trainer {
  /**
   * Takes one forward, backward and optimizer step.
   * @param input `[batch, inChannels, y, x]`
   * @param target class index of each pixel `[batch, y, x]`; -1 = ignored (unreviewed), never background
   * @returns the batch's loss before the step
   */
  step(input: TensorValue, target: TensorValue, learningRate: number): Promise<number>;
  /**
   * Returns the weights as they are now, by parameter name. Where the graph averages them it returns the average, which
   * is what predicts.
   */
  weights(): Promise<ReadonlyMap<string, TensorValue>>;
  /**
   * Returns the optimizer's state as it is now. With the weights it is all that a checkpoint needs to continue exactly.
   */
  optimizer(): Promise<OptimizerState>;
  close(): Promise<void>;
}

/** The state of an optimizer after `step` steps: its vectors by name, each as long as all weights together. */
export interface OptimizerState {
  readonly step: number;
  readonly moments: ReadonlyMap<string, TensorValue>;
}

/** A training-step graph and the state it starts from. */
export interface TrainingModel {
  readonly graph: Uint8Array;
  /** The initial weights by parameter name, in the graph's own (ONNX) layouts. */
  readonly weights: ReadonlyMap<string, TensorValue>;
  /** The optimizer state of an earlier run to continue from. Without it moments start at zero. */
  readonly optimizer?: OptimizerState;
}

/** Runs networks. `name` is shown to the user ("ONNX Runtime CPU"). */
export interface NetworkEngine {
  readonly name: string;
  readonly onGpu: boolean;
  /**
   * The memory of a device of its own, in bytes. It is absent where it is not known, or where the engine computes in
   * main memory.
   */
  readonly memoryBytes?: number | undefined;
  /** Says which operators its graphs may use: give it to `trainingModel` and `predictModel`. */
  readonly target: LoweringTarget;
  /** @param model an ONNX predict graph made by `core/net` */
  createPredictor(model: Uint8Array, signal?: CancelSignal): Promise<Predictor>;
  /** @param model an ONNX training-step graph made by `core/net`, with the state that it starts from */
  createTrainer(model: TrainingModel, signal?: CancelSignal): Promise<Trainer>;
  close(): Promise<void>;
}
