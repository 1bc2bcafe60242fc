import * as v from 'valibot';
import { count, fraction, integer, notNegative } from '../../basic-schemas.ts';
import { engineId } from '../../engines/engine-id.ts';
import { labelEntry } from '../../label/label-table-schema.ts';
import { trainEvaluation } from './train.ts';

/** A point of the curves of loss and learning rate. */
export const trainSample = v.strictObject({ step: count, loss: v.number(), learningRate: v.number() });

export type TrainSample = v.InferOutput<typeof trainSample>;

/** A training that was interrupted: its checkpoint, or only that it was started. */
export const interruptedTraining = v.strictObject({
  /** Of the training that is done. */
  fraction,
  step: count,
  /** Wall clock that it has taken. */
  seconds: notNegative,
  minutes: v.nullable(v.number()),
  evaluations: v.array(trainEvaluation),
  /** Of `labelDice`, no background. */
  labels: v.array(v.strictObject(labelEntry.entries)),
  /** Of its whole way, as far as that was written down. */
  samples: v.array(trainSample),
  /** What it had trained since its last checkpoint and is lost, in seconds; null: that is not known. */
  lostSeconds: v.nullable(notNegative),
  /** The training that was started last, if it was cut off before it had kept anything: the checkpoint, if there is one, is of an earlier one. */
  unkept: v.nullable(
    v.strictObject({
      /** ISO 8601. */
      startedAt: v.string(),
      minutes: v.nullable(v.number()),
      /** What it had trained and is lost. */
      lostSeconds: notNegative,
    }),
  ),
  /** It was stopped by hand, and this version is what it had learned; null: it died. */
  keptAs: v.nullable(integer),
  /** What it ran on, where that can be left out (`TrainParams.without`) because another can take over; null: it cannot. */
  replaceable: v.nullable(v.strictObject({ id: engineId, name: v.string() })),
  /** Why it cannot be resumed, and what to do; null: it can. */
  obstacle: v.nullable(v.string()),
});
export type InterruptedTraining = v.InferOutput<typeof interruptedTraining>;
