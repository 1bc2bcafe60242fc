import type { CancelSignal } from '../../cancel.ts';
import type { TensorValue } from '../../net/graph/network-engine.ts';
import type { PlaneSource } from '../planes/plane-source.ts';

/** What one training step learns from. */
export interface TrainingBatch {
  /** `[batch, inputChannels, rows, columns]` */
  readonly input: TensorValue;
  /** The class of each pixel `[batch, rows, columns]`; -1 is ignored. */
  readonly target: TensorValue;
  /** The slice that each position shows: an index below `BatchSource.slices`. */
  readonly samples: readonly number[];
}

/**
 * Training's batches come from here. Batch `n` is a function of seed, plan, data, `n` and the difficulties in force at
 * `n` alone: any worker may make it, and a resumed run asks for the next `n`.
 */
export interface BatchSource {
  /** Slices that training draws from. */
  readonly slices: number;
  /** After so many steps as many slices were drawn as there are. */
  readonly stepsPerEpoch: number;
  /**
   * Returns the batch of a step, counted from 0. The ones that follow are made meanwhile, so steps are to be asked for
   * in order.
   * @throws TrainingError if a case cannot be read any more
   * @throws CancelledError after `close`
   */
  batch(step: number): Promise<TrainingBatch>;
  /**
   * Says how badly the network does on each slice (0: as it should, larger: worse, only the proportions count), for
   * `plan.batch.hardShare`. They are in force from `fromStep` on, until others are: batches already made for those
   * steps are made anew. Until any are given, and where all are 0, that share is drawn like the rest. They are part of
   * a checkpoint, with their `fromStep`.
   * @param difficulties one per slice; they are copied
   * @throws RangeError if `fromStep` is not beyond all steps asked for
   */
  setDifficulties(fromStep: number, difficulties: Float32Array): void;
  /** Ends the workers; batches that are waited for are rejected. A second call does nothing. */
  close(): Promise<void>;
}

/** The planes of one case with what is known of them. */
export interface LabelledPlanes extends PlaneSource {
  readonly id: string;
  /** The slices that count, ascending, with the classes (background left out) that each shows. */
  readonly labelled: readonly LabelledSlice[];
  /** Returns the class by pixel of a labelled slice, `rows * columns`; -1 is ignored. */
  target(slice: number): Int16Array;
}

export interface LabelledSlice {
  readonly slice: number;
  readonly classes: readonly number[];
}

/** A case to tune on. Only its name is in memory: planes are loaded when its turn comes and let go after it. */
export interface TuneCase {
  readonly id: string;
  /**
   * @throws TrainingError if the case cannot be read any more
   * @throws CancelledError
   */
  load(signal?: CancelSignal): Promise<LabelledPlanes>;
}
