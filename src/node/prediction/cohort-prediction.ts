import { basename } from 'node:path';
import { casesToPredict } from '../../core/cohort/review/case-list.ts';
import type { CaseOverview } from '../../core/cohort/review/case-overview.ts';
import {
  adoptModel,
  beginNext,
  currentDone,
  currentFailed,
  currentInterrupted,
  leaveOut,
  newPredictionQueue,
  type PredictionFailure,
  type PredictionQueue,
  type PredictionQueueRecord,
  pauseQueue,
  queueProgress,
  queueRecordOf,
  restoreQueue,
  resumeQueue,
} from '../../core/cohort/review/prediction-queue.ts';
import { Emitter } from '../../core/emitter.ts';
import { CancelledError, VoxelLoopError } from '../../core/errors.ts';
import { readHeldOutCases } from '../cohort/cases/held-out-cases.ts';
import {
  lockPredictionQueue,
  PredictionLockedError,
  readPredictionQueue,
  writePredictionQueue,
} from '../cohort/proposals/prediction-queue-file.ts';
import type { CohortStore } from '../cohort/state/cohort-store.ts';
import { EngineDiedError } from '../engine-link/engine-died-error.ts';
import type { ProcessLock } from '../files/process-lock.ts';
import type { CohortOverview } from '../overview/cohort-overview.ts';

/** There is nothing that predicts. */
export class NoModelError extends VoxelLoopError {
  readonly code = 'no-model';

  constructor() {
    super('There is no model in this cohort: run Retrain Model, or activate a version in the Models view.');
  }
}

/** This window is predicting another cohort. */
class OtherCohortError extends VoxelLoopError {
  readonly code = 'other-cohort';

  constructor(root: string) {
    super(`Predict Cohort is at work on ${basename(root)}: wait for it, or stop it there first.`);
  }
}

/** If this many cases in a row end with the death of the engine, the cases are not the reason. */
const ENGINE_DEATHS_TO_PAUSE = 3;

/** The file lags behind by this much at most; proposals that exist are found again, so nothing is lost. */
const WRITE_EVERY_MS = 2000;

/** The state of predicting one cohort. */
export interface PredictionStatus {
  readonly store: CohortStore;
  readonly queue: PredictionQueue;
  /** The progress of the current case, 0..1. */
  readonly fraction: number;
}

export interface PredictionEnd {
  readonly store: CohortStore;
  readonly modelVersion: number;
  readonly predicted: number;
  readonly failed: readonly PredictionFailure[];
  /** These cases were held out after the start. */
  readonly leftOut: readonly string[];
}

interface Run {
  readonly store: CohortStore;
  /** While this lock is held, no other window works on this queue. */
  readonly lock: ProcessLock;
  queue: PredictionQueue;
  fraction: number;
  /** Stops the case that is being predicted. */
  controller: AbortController;
  /** This resolves when no part of the run is at work any more. */
  working: Promise<void>;
  engineDeaths: number;
  writtenMs: number;
}

interface PredictionServices {
  readonly overviewOf: (store: CohortStore) => Promise<CohortOverview>;
  /** Makes the proposal of a version for a case when nobody waits for the engine. @returns the proposal's file */
  readonly predict: (
    store: CohortStore,
    overview: CaseOverview,
    modelVersion: number,
    options: { readonly signal: AbortSignal; readonly onProgress: (fraction: number) => void },
  ) => Promise<string>;
  /** Is called when a case has its proposal. */
  readonly onPredicted: (store: CohortStore, caseId: string, proposalPath: string) => Promise<void>;
  /** Returns the one sentence to show for an error. */
  readonly sentenceFor: (error: unknown) => string;
  /** Writes a warning to the log. */
  readonly warn: (message: string, error: unknown) => void;
}

/**
 * `Predict Cohort` makes the proposals of all cases, one case after the other on the interactive engine, when nobody
 * waits for it. The cases that are left are kept on the disk, so that it goes on after a restart. A window predicts at
 * most one cohort, and a cohort is predicted by at most one window.
 */
export class CohortPrediction {
  readonly #changed = new Emitter();
  readonly #ended = new Emitter<PredictionEnd>();
  readonly #troubled = new Emitter<string>();
  #run: Run | undefined;
  #elsewhere: string | undefined;
  #isDisposed = false;
  /** Beginning and ending wait for one another: whoever ends removes the file, which must not be the next one's. */
  #turn: Promise<unknown> = Promise.resolve();
  /** The file is written once at a time. */
  #writing: Promise<void> = Promise.resolve();

  readonly onDidChange = this.#changed.event;
  readonly onDidEnd = this.#ended.event;
  /** The prediction paused itself, for the reason in this sentence. */
  readonly onDidStall = this.#troubled.event;

  constructor(private readonly services: PredictionServices) {}

  /** The state of the prediction; it is undefined when nothing is left to do. */
  get status(): PredictionStatus | undefined {
    return this.#run;
  }

  /**
   * The root of the cohort whose queue this window would go on with, while another window works on it; else undefined.
   */
  get elsewhere(): string | undefined {
    return this.#elsewhere;
  }

  /**
   * Begins, or goes on where it was paused.
   * @returns how many cases are to be predicted; 0 if all have their proposal
   * @throws NoModelError, OtherCohortError, PredictionLockedError, and what reading the cohort throws
   */
  start(store: CohortStore): Promise<number> {
    return this.#inTurn(async () => {
      if (this.#run) {
        if (this.#run.store.root !== store.root) throw new OtherCohortError(this.#run.store.root);
        this.resume();
        const { through, all } = queueProgress(this.#run.queue);
        return all - through;
      }
      const version = await store.models.active();
      if (version === null) throw new NoModelError();
      const { cases } = await this.services.overviewOf(store);
      const ids = casesToPredict(cases, version);
      if (ids.length === 0) return 0;
      const lock = await lockPredictionQueue(store);
      this.#begin(store, lock, newPredictionQueue(ids, version, new Date().toISOString()));
      return ids.length;
    });
  }

  /**
   * Goes on with what an earlier session left.
   * @returns `elsewhere` if another window works on it, which may leave the rest to this one
   * @throws RecordError, FileAccessError
   */
  async restore(store: CohortStore): Promise<'begun' | 'nothing' | 'elsewhere'> {
    const found = await this.#takeUp(store);
    this.#setElsewhere(found === 'elsewhere' ? store.root : undefined);
    return found;
  }

  #takeUp(store: CohortStore): Promise<'begun' | 'nothing' | 'elsewhere'> {
    return this.#inTurn(async () => {
      if (this.#run || !(await readPredictionQueue(store))) return 'nothing';
      let lock: ProcessLock;
      try {
        lock = await lockPredictionQueue(store);
      } catch (error) {
        if (error instanceof PredictionLockedError) return 'elsewhere';
        throw error;
      }
      // The other window may just have ended it.
      const record = await readPredictionQueue(store).catch(async (error) => {
        await lock.release();
        throw error;
      });
      if (!record) {
        await lock.release();
        return 'nothing';
      }
      this.#begin(store, lock, restoreQueue(record));
      return 'begun';
    });
  }

  pause(): void {
    const run = this.#run;
    if (!run) return;
    run.queue = pauseQueue(run.queue);
    run.controller.abort();
    this.#changed.fire();
    this.#write(run);
  }

  resume(): void {
    const run = this.#run;
    if (run?.queue.state !== 'paused') return;
    run.queue = resumeQueue(run.queue);
    run.engineDeaths = 0;
    this.#goOn(run);
  }

  /** Ends the prediction. Proposals that were made stay. */
  cancel(): void {
    const run = this.#run;
    if (!run) return;
    this.#run = undefined;
    run.controller.abort();
    this.#changed.fire();
    void this.#inTurn(async () => {
      await run.working;
      await this.#forget(run);
    });
  }

  /** Stops. The cases that are left stay on the disk. */
  dispose(): void {
    this.#isDisposed = true;
    this.#run?.controller.abort();
    void this.#run?.lock.release();
    this.#run = undefined;
    for (const each of [this.#changed, this.#ended, this.#troubled]) each.dispose();
  }

  #setElsewhere(root: string | undefined): void {
    if (root === this.#elsewhere || this.#isDisposed) return;
    this.#elsewhere = root;
    this.#changed.fire();
  }

  #begin(store: CohortStore, lock: ProcessLock, queue: PredictionQueue): void {
    if (this.#isDisposed) {
      void lock.release();
      return;
    }
    const run: Run = {
      store,
      lock,
      queue,
      fraction: 0,
      engineDeaths: 0,
      writtenMs: 0,
      controller: new AbortController(),
      working: Promise.resolve(),
    };
    this.#run = run;
    this.#elsewhere = undefined;
    this.#goOn(run);
  }

  #goOn(run: Run): void {
    // A paused run may still be on its way to its end.
    run.working = run.working.then(() => this.#work(run)).catch((error) => this.#stall(run, error));
    this.#changed.fire();
  }

  async #work(run: Run): Promise<void> {
    const { store } = run;
    let overviews: ReadonlyMap<string, CaseOverview> | undefined;
    while (this.#run === run && run.queue.state === 'idle') {
      // Both may have changed since the last case, because a training has ended, which also reserves cases that judge.
      const [version, heldOut] = await Promise.all([store.models.active(), readHeldOutCases(store)]);
      if (version === null) throw new NoModelError();
      if (this.#run !== run || run.queue.state !== 'idle') break;
      run.queue = leaveOut(adoptModel(run.queue, version), heldOut);
      if (run.queue.state !== 'idle') break;
      run.queue = beginNext(run.queue);
      run.fraction = 0;
      run.controller = new AbortController();
      this.#write(run, WRITE_EVERY_MS);
      this.#changed.fire();
      overviews ??= new Map((await this.services.overviewOf(store)).cases.map((each) => [each.files.id, each]));
      await this.#predictCurrent(run, overviews);
      this.#changed.fire();
    }
    if (this.#run !== run || run.queue.state !== 'finished') return;
    this.#run = undefined;
    await this.#inTurn(() => this.#forget(run));
    const { modelVersion, done, failed, leftOut } = run.queue;
    this.#changed.fire();
    this.#ended.fire({ store, modelVersion, predicted: done.length, failed, leftOut });
  }

  async #predictCurrent(run: Run, overviews: ReadonlyMap<string, CaseOverview>): Promise<void> {
    if (run.queue.state !== 'predicting') return;
    const { current } = run.queue;
    const { signal } = run.controller;
    try {
      const path = await this.#predict(run, current, overviews.get(current));
      run.engineDeaths = 0;
      if (run.queue.state === 'predicting') run.queue = currentDone(run.queue);
      await this.services.onPredicted(run.store, current, path);
    } catch (error) {
      // The run was paused or cancelled, and its queue says so already.
      if (run.queue.state !== 'predicting' || (error instanceof CancelledError && signal.aborted)) return;
      if (error instanceof EngineDiedError && ++run.engineDeaths === 1) {
        // This case may not be the reason, so it gets a second chance.
        run.queue = currentInterrupted(run.queue);
        return;
      }
      run.queue = currentFailed(run.queue, this.services.sentenceFor(error));
      if (run.engineDeaths >= ENGINE_DEATHS_TO_PAUSE) this.#stall(run, error);
    }
  }

  async #predict(run: Run, id: string, overview: CaseOverview | undefined): Promise<string> {
    if (!overview) throw new MissingCaseError(id);
    return this.services.predict(run.store, overview, run.queue.modelVersion, {
      signal: run.controller.signal,
      onProgress: (fraction) => {
        const isNews = Math.floor(100 * fraction) !== Math.floor(100 * run.fraction);
        run.fraction = fraction;
        if (isNews && this.#run === run) this.#changed.fire();
      },
    });
  }

  #stall(run: Run, error: unknown): void {
    if (this.#run !== run) return;
    run.queue = pauseQueue(run.queue);
    this.#write(run);
    this.#changed.fire();
    this.#troubled.fire(this.services.sentenceFor(error));
  }

  /** @param atMostEveryMs the file is not written if that was done less than this time ago */
  #write(run: Run, atMostEveryMs = 0): void {
    const now = Date.now();
    if (now - run.writtenMs < atMostEveryMs) return;
    run.writtenMs = now;
    void this.#writeRecord(run.store, queueRecordOf(run.queue));
  }

  /** Removes what is left of the run, so that another window may begin. */
  async #forget({ store, lock }: Run): Promise<void> {
    await this.#writeRecord(store, null);
    await lock.release();
  }

  /** A failure is only logged: everything goes on without the file, and only a restart would not know of the queue. */
  #writeRecord(store: CohortStore, record: PredictionQueueRecord | null): Promise<void> {
    this.#writing = this.#writing
      .then(() => writePredictionQueue(store, record))
      .catch((error) => this.services.warn('The queue of cases to predict cannot be written:', error));
    return this.#writing;
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const run = this.#turn.then(work);
    this.#turn = run.catch(() => undefined);
    return run;
  }
}

class MissingCaseError extends VoxelLoopError {
  readonly code = 'missing-case';

  constructor(id: string) {
    super(`Case ${id} is not in the cohort any more: its image was moved or removed.`);
  }
}
