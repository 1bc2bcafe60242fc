import * as v from 'valibot';
import { count, fraction, integer, notNegative } from '../../basic-schemas.ts';
import { engineId } from '../../engines/engine-id.ts';
import { labelEntry } from '../../label/table/label-table-schema.ts';
import { trainEvaluation } from './train.ts';

/** A point of the curves of loss and learning rate. */
export const trainSample = v.strictObject({ step: count, loss: v.number(), learningRate: v.number() });

export type TrainSample = v.InferOutput<typeof trainSample>;

/** A training that was interrupted. There is its checkpoint, or only the note that it was started. */
export const interruptedTraining = v.strictObject({
  /** The share of the training that is done. */
  fraction,
  step: count,
  /** The time on the wall clock that it has taken. */
  seconds: notNegative,
  minutes: v.nullable(v.number()),
  evaluations: v.array(trainEvaluation),
  /** The labels that `labelDice` goes by, without background. */
  labels: v.array(v.strictObject(labelEntry.entries)),
  /** The samples of its whole way, as far as that was written down. */
  samples: v.array(trainSample),
  /** The seconds that it had trained since its last checkpoint, which are lost. It is null where that is not known. */
  lostSeconds: v.nullable(notNegative),
  /**
   * The training that was started last, if it was cut off before it had kept anything. A checkpoint, if there is one,
   * is then of an earlier training.
   */
  unkept: v.nullable(
    v.strictObject({
      /** ISO 8601. */
      startedAt: v.string(),
      minutes: v.nullable(v.number()),
      /** The seconds that it had trained, which are lost. */
      lostSeconds: notNegative,
    }),
  ),
  /** The version that it became when it was stopped by hand. It is null where the training died. */
  keptAs: v.nullable(integer),
  /**
   * The engine that it ran on, where that can be left out (`TrainParams.without`) because another can take over. It is
   * null where it cannot.
   */
  replaceable: v.nullable(v.strictObject({ id: engineId, name: v.string() })),
  /** Why it cannot be resumed, and what to do. It is null where it can. */
  obstacle: v.nullable(v.string()),
});
export type InterruptedTraining = v.InferOutput<typeof interruptedTraining>;
