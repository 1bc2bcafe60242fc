import * as v from 'valibot';
import { count } from '../../basic-schemas.ts';

const ids = v.pipe(v.array(v.string()), v.readonly());
const failure = v.strictObject({ id: v.string(), sentence: v.string() });

/**
 * What is left of predicting a cohort, as `.voxel-loop/proposals/queue.json` keeps it while there is something to do.
 * Proposals are immutable and found again, so a record that lags behind costs nothing but looking.
 */
export const predictionQueueRecord = v.looseObject({
  format: v.literal('voxel-loop-prediction-queue'),
  formatVersion: v.literal(1),
  /** The model version that predicts. */
  modelVersion: v.pipe(count, v.minValue(1)),
  /** ISO 8601, UTC. */
  started: v.pipe(v.string(), v.isoTimestamp()),
  paused: v.boolean(),
  /** The cases to predict, by id, in their order. */
  waiting: ids,
  /** The cases that have their proposal. */
  done: ids,
  failed: v.pipe(v.array(failure), v.readonly()),
  /** Cases that were held out when their turn came. */
  leftOut: v.exactOptional(ids),
});
export type PredictionQueueRecord = v.InferOutput<typeof predictionQueueRecord>;

/** A case that could not be predicted, with the one sentence that says why. */
export type PredictionFailure = v.InferOutput<typeof failure>;

/**
 * Predicts all cases of a cohort, one after the other.
 *
 * It goes `idle` (nothing runs) -> `predicting` one case -> `idle` ... -> `finished`; `paused` comes from either, and
 * leads back to `idle`. A paused or interrupted case goes back to the front.
 */
export type PredictionQueue = QueueWork &
  (
    | { readonly state: 'idle' }
    | { readonly state: 'predicting'; readonly current: string }
    | { readonly state: 'paused' }
    | { readonly state: 'finished' }
  );

interface QueueWork {
  readonly modelVersion: number;
  readonly started: string;
  readonly waiting: readonly string[];
  readonly done: readonly string[];
  readonly failed: readonly PredictionFailure[];
  readonly leftOut: readonly string[];
}

/**
 * @param cases by id, each once
 * @param started ISO 8601, UTC
 */
export function newPredictionQueue(cases: readonly string[], modelVersion: number, started: string): PredictionQueue {
  return settle({ modelVersion, started, waiting: [...new Set(cases)], done: [], failed: [], leftOut: [] });
}

/**
 * Begins the next case.
 * @throws RangeError unless the queue is idle
 */
export function beginNext(queue: PredictionQueue): PredictionQueue & { readonly state: 'predicting' } {
  expectState(queue, 'idle');
  const [current, ...waiting] = queue.waiting;
  return { ...work(queue), waiting, state: 'predicting', current };
}

/**
 * Notes that the current case has its proposal.
 * @throws RangeError unless a case is being predicted, as the next two do
 */
export function currentDone(queue: PredictionQueue): PredictionQueue {
  const current = currentOf(queue);
  return settle({ ...work(queue), done: [...queue.done, current] });
}

/** Notes that the current case failed; the others go on. */
export function currentFailed(queue: PredictionQueue, sentence: string): PredictionQueue {
  const current = currentOf(queue);
  return settle({ ...work(queue), failed: [...queue.failed, { id: current, sentence }] });
}

/** Notes that the current case was interrupted: it comes first again. */
export function currentInterrupted(queue: PredictionQueue): PredictionQueue {
  const current = currentOf(queue);
  return settle({ ...work(queue), waiting: [current, ...queue.waiting] });
}

/** Pauses. A finished or paused queue stays as it is. */
export function pauseQueue(queue: PredictionQueue): PredictionQueue {
  if (queue.state === 'predicting') return { ...work(currentInterrupted(queue)), state: 'paused' };
  return queue.state === 'idle' ? { ...work(queue), state: 'paused' } : queue;
}

/**
 * Goes on after a pause.
 * @throws RangeError unless the queue is paused
 */
export function resumeQueue(queue: PredictionQueue): PredictionQueue {
  expectState(queue, 'paused');
  return settle(work(queue));
}

/**
 * Another model is active now: cases that have been predicted are out of date and are predicted again, after the rest,
 * and so are those that failed. It returns the same queue if it is the model already.
 * @throws RangeError while a case is being predicted
 */
export function adoptModel(queue: PredictionQueue, modelVersion: number): PredictionQueue {
  if (queue.state === 'predicting') throw new RangeError('A case is being predicted with the model before.');
  if (queue.modelVersion === modelVersion) return queue;
  const { waiting, done, failed, started, leftOut } = queue;
  const again = [...waiting, ...done, ...failed.map(({ id }) => id)];
  const next = { modelVersion, started, waiting: again, done: [], failed: [], leftOut };
  return queue.state === 'paused' ? { ...next, state: 'paused' } : settle(next);
}

/**
 * Leaves out cases that wait and are held out: they may be reserved to judge while the queue is worked on. It returns
 * the same queue if there is none.
 * @throws RangeError unless the queue is idle
 */
export function leaveOut(queue: PredictionQueue, heldOut: ReadonlySet<string>): PredictionQueue {
  expectState(queue, 'idle');
  const out = queue.waiting.filter((id) => heldOut.has(id));
  if (out.length === 0) return queue;
  const waiting = queue.waiting.filter((id) => !heldOut.has(id));
  return settle({ ...work(queue), waiting, leftOut: [...queue.leftOut, ...out] });
}

/** Counts the cases of the queue, and those that it is through with. */
export function queueProgress(queue: PredictionQueue): { readonly through: number; readonly all: number } {
  const through = queue.done.length + queue.failed.length;
  return { through, all: through + queue.waiting.length + (queue.state === 'predicting' ? 1 : 0) };
}

/**
 * Returns what to write so that a later session goes on from here. It is null where nothing is left and the file can
 * go.
 */
export function queueRecordOf(queue: PredictionQueue): PredictionQueueRecord | null {
  if (queue.state === 'finished') return null;
  const { modelVersion, started, waiting, done, failed, leftOut, state } = queue;
  return {
    format: 'voxel-loop-prediction-queue',
    formatVersion: 1,
    modelVersion,
    started,
    paused: state === 'paused',
    waiting: state === 'predicting' ? [queue.current, ...waiting] : waiting,
    done,
    failed,
    ...(leftOut.length > 0 && { leftOut }),
  };
}

export function restoreQueue(record: PredictionQueueRecord): PredictionQueue {
  const { modelVersion, started, paused, waiting, done, failed, leftOut = [] } = record;
  const queue = settle({ modelVersion, started, waiting, done, failed, leftOut });
  return paused ? pauseQueue(queue) : queue;
}

function settle(left: QueueWork): PredictionQueue {
  return { ...left, state: left.waiting.length > 0 ? 'idle' : 'finished' };
}

function work({ modelVersion, started, waiting, done, failed, leftOut }: PredictionQueue): QueueWork {
  return { modelVersion, started, waiting, done, failed, leftOut };
}

function currentOf(queue: PredictionQueue): string {
  if (queue.state !== 'predicting') throw new RangeError(`No case is being predicted: the queue is ${queue.state}.`);
  return queue.current;
}

function expectState(queue: PredictionQueue, state: PredictionQueue['state']): void {
  if (queue.state !== state) throw new RangeError(`The queue is ${queue.state}, not ${state}.`);
}
