import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseRecord, stringifyRecord } from '../../../../src/core/cohort/records/cohort-record.ts';
import {
  adoptModel,
  beginNext,
  currentDone,
  currentFailed,
  currentInterrupted,
  leaveOut,
  newPredictionQueue,
  type PredictionQueue,
  pauseQueue,
  predictionQueueRecord,
  queueProgress,
  queueRecordOf,
  restoreQueue,
  resumeQueue,
} from '../../../../src/core/cohort/review/prediction-queue.ts';

const WHEN = '2026-01-02T03:04:05.678Z';
const queue = (...ids: string[]) => newPredictionQueue(ids, 1, WHEN);

describe('the queue of cases to predict', () => {
  it('goes through all cases in order, past one that fails', () => {
    let at = beginNext(queue('a', 'b', 'c')) as PredictionQueue;
    expect(at).toMatchObject({ state: 'predicting', current: 'a' });
    at = beginNext(currentFailed(at, 'The image is damaged.'));
    at = beginNext(currentDone(at));
    expect(queueProgress(at)).toEqual({ through: 2, all: 3 });
    at = currentDone(at);
    expect(at).toMatchObject({
      state: 'finished',
      done: ['b', 'c'],
      failed: [{ id: 'a', sentence: 'The image is damaged.' }],
    });
    expect(queueRecordOf(at)).toBeNull();
  });

  it('has nothing to do with no case, and takes each once', () => {
    expect(queue().state).toBe('finished');
    expect(queue('a', 'b', 'a').waiting).toEqual(['a', 'b']);
  });

  it('takes a case that was interrupted or paused first again', () => {
    const running = beginNext(queue('a', 'b'));
    expect(currentInterrupted(running)).toMatchObject({ state: 'idle', waiting: ['a', 'b'] });
    const paused = pauseQueue(running);
    expect(paused).toMatchObject({ state: 'paused', waiting: ['a', 'b'] });
    expect(resumeQueue(paused)).toMatchObject({ state: 'idle', waiting: ['a', 'b'] });
  });

  it('predicts again what a model before had predicted', () => {
    const half = currentFailed(beginNext(currentDone(beginNext(queue('a', 'b', 'c')))), 'No.');
    expect(adoptModel(half, 1)).toBe(half);
    expect(adoptModel(half, 2)).toMatchObject({ modelVersion: 2, waiting: ['c', 'a', 'b'], done: [], failed: [] });
    const finished = currentDone(beginNext(queue('a')));
    expect(adoptModel(finished, 2)).toMatchObject({ state: 'idle', waiting: ['a'] });
  });

  it('leaves out what is held out by the time it would be predicted, for good', () => {
    const idle = queue('a', 'b', 'c');
    expect(leaveOut(idle, new Set(['x']))).toBe(idle);
    const left = leaveOut(idle, new Set(['b', 'x']));
    expect(left).toMatchObject({ state: 'idle', waiting: ['a', 'c'], leftOut: ['b'] });
    expect(queueProgress(left)).toEqual({ through: 0, all: 2 });
    // Another model predicts what was done again, but not what was left out.
    expect(adoptModel(left, 2)).toMatchObject({ waiting: ['a', 'c'], leftOut: ['b'] });
    expect(leaveOut(left, new Set(['a', 'c']))).toMatchObject({ state: 'finished', leftOut: ['b', 'a', 'c'] });
    expect(() => leaveOut(beginNext(idle), new Set())).toThrow(RangeError);
    // As an earlier Voxel Loop wrote it.
    const record = queueRecordOf(idle);
    expect(record && Object.keys(record)).not.toContain('leftOut');
    expect(record && restoreQueue(record)).toEqual(idle);
  });

  it('refuses steps that cannot be', () => {
    expect(() => currentDone(queue('a'))).toThrow(RangeError);
    expect(() => beginNext(queue())).toThrow(RangeError);
    expect(() => beginNext(pauseQueue(queue('a')))).toThrow(RangeError);
    expect(() => resumeQueue(queue('a'))).toThrow(RangeError);
    expect(() => adoptModel(beginNext(queue('a')), 2)).toThrow(RangeError);
  });

  it('loses no case, whatever happens, a restart from the file included', () => {
    const steps = fc.array(fc.constantFrom('step', 'fail', 'interrupt', 'pause', 'restart', 'model', 'hold-out'), {
      maxLength: 40,
    });
    fc.assert(
      fc.property(fc.uniqueArray(fc.string({ minLength: 1 })), steps, (cases, what) => {
        let at: PredictionQueue = newPredictionQueue(cases, 1, WHEN);
        for (const [index, step] of what.entries()) {
          if (step === 'hold-out' && at.state === 'idle') at = leaveOut(at, new Set(at.waiting.slice(0, 1)));
          if (at.state === 'idle') at = beginNext(at);
          if (step === 'pause') at = pauseQueue(at);
          if (at.state === 'predicting') {
            if (step === 'fail') at = currentFailed(at, 'No.');
            else if (step === 'step') at = currentDone(at);
            else if (step === 'interrupt') at = currentInterrupted(at);
          }
          if (step === 'restart') {
            const record = queueRecordOf(at);
            if (record) at = restoreQueue(parseRecord(predictionQueueRecord, stringifyRecord(record), 'queue.json'));
          }
          if (step === 'model' && at.state !== 'predicting') at = adoptModel(at, index + 2);
          if (at.state === 'paused' && step !== 'pause') at = resumeQueue(at);
          const current = at.state === 'predicting' ? [at.current] : [];
          const all = [...at.waiting, ...at.done, ...at.failed.map(({ id }) => id), ...at.leftOut, ...current];
          expect(all.sort()).toEqual([...cases].sort());
          expect(queueProgress(at).all + at.leftOut.length).toBe(cases.length);
          expect(at.state === 'finished').toBe(
            at.waiting.length === 0 && current.length === 0 && at.state !== 'paused',
          );
        }
      }),
    );
  });
});
