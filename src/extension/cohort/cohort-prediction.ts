import * as vscode from 'vscode';
import { casesToPredict } from '../../core/cohort/review/case-list.ts';
import type { CaseOverview } from '../../core/cohort/review/case-overview.ts';
import {
  adoptModel,
  beginNext,
  currentDone,
  currentFailed,
  currentInterrupted,
  newPredictionQueue,
  type PredictionFailure,
  type PredictionQueue,
  type PredictionQueueRecord,
  pauseQueue,
  queueRecordOf,
  restoreQueue,
  resumeQueue,
} from '../../core/cohort/review/prediction-queue.ts';
import { CancelledError, VoxelLoopError } from '../../core/errors.ts';
import type { CohortOverview } from '../../node/cohort-overview.ts';
import type { CohortStore } from '../../node/cohort-store.ts';
import { EngineDiedError } from '../../node/engine-process.ts';
import { readPredictionQueue, writePredictionQueue } from '../../node/prediction-queue-file.ts';
import type { EngineHost } from '../engine/engine-host.ts';
import { proposalRequest } from '../engine/proposal-request.ts';
import { log } from '../log.ts';
import { sentenceFor, text } from '../messages.ts';

/** There is nothing that predicts. */
export class NoModelError extends VoxelLoopError {
  readonly code = 'no-model';

  constructor() {
    super(text.noModel);
  }
}

/** Several cases in a row took the engine down with them: it is not the cases. */
const ENGINE_DEATHS_TO_PAUSE = 3;

/** The file lags behind by this much at most; proposals are found again, so nothing is lost. */
const WRITE_EVERY_MS = 2000;

/** Predicting one cohort, as it stands. */
export interface PredictionStatus {
  readonly store: CohortStore;
  readonly queue: PredictionQueue;
  /** Of the current case, 0..1. */
  readonly fraction: number;
}

export interface PredictionEnd {
  readonly modelVersion: number;
  readonly predicted: number;
  readonly failed: readonly PredictionFailure[];
}

interface Run {
  readonly store: CohortStore;
  queue: PredictionQueue;
  fraction: number;
  /** Of the case that is being predicted. */
  controller: AbortController;
  /** Ends when nothing of it runs any more. */
  working: Promise<void>;
  engineDeaths: number;
  writtenMs: number;
}

interface PredictionServices {
  readonly engines: EngineHost;
  readonly overviewOf: (store: CohortStore) => Promise<CohortOverview>;
  /** A case has its proposal. */
  readonly onPredicted: (store: CohortStore, caseId: string, proposalPath: string) => Promise<void>;
}

/**
 * `Predict Cohort`: the proposals of all cases, one case after the other on the interactive engine, whenever nobody waits for
 * it. What is left lies on disk, so that it goes on after a restart. At most one cohort at a time.
 */
export class CohortPrediction implements vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<void>();
  readonly #ended = new vscode.EventEmitter<PredictionEnd>();
  readonly #troubled = new vscode.EventEmitter<string>();
  #run: Run | undefined;
  /** One write of the file after the other. */
  #writing: Promise<void> = Promise.resolve();

  readonly onDidChange = this.#changed.event;
  readonly onDidEnd = this.#ended.event;
  /** It paused itself; the sentence says why. */
  readonly onDidStall = this.#troubled.event;

  constructor(private readonly services: PredictionServices) {}

  /** undefined: nothing is left to do. */
  get status(): PredictionStatus | undefined {
    return this.#run;
  }

  /**
   * Begins, or goes on where it was paused.
   * @returns how many cases are to be predicted; 0: all have their proposal
   * @throws NoModelError, and what reading the cohort throws
   */
  async start(store: CohortStore): Promise<number> {
    if (this.#run) {
      this.resume();
      return this.#run.queue.waiting.length;
    }
    const version = await store.models.active();
    if (version === null) throw new NoModelError();
    const { cases } = await this.services.overviewOf(store);
    const ids = casesToPredict(cases, version);
    if (ids.length > 0) this.#begin(store, newPredictionQueue(ids, version, new Date().toISOString()));
    return ids.length;
  }

  /** Goes on with what an earlier session left. @returns whether there was something */
  async restore(store: CohortStore): Promise<boolean> {
    if (this.#run) return false;
    const record = await readPredictionQueue(store);
    if (!record || this.#run) return false;
    log().info(`Predicting ${store.root} goes on: ${record.waiting.length} cases are left.`);
    this.#begin(store, restoreQueue(record));
    return true;
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

  /** Proposals that were made stay. */
  cancel(): void {
    const run = this.#run;
    if (!run) return;
    this.#run = undefined;
    run.controller.abort();
    this.#changed.fire();
    void run.working.then(() => this.#forget(run.store));
  }

  dispose(): void {
    this.#run?.controller.abort();
    this.#run = undefined;
    for (const each of [this.#changed, this.#ended, this.#troubled]) each.dispose();
  }

  #begin(store: CohortStore, queue: PredictionQueue): void {
    const run: Run = {
      ...{ store, queue, fraction: 0, engineDeaths: 0, writtenMs: 0 },
      controller: new AbortController(),
      working: Promise.resolve(),
    };
    this.#run = run;
    this.#goOn(run);
  }

  #goOn(run: Run): void {
    // What was paused may still be on its way to an end.
    run.working = run.working.then(() => this.#work(run)).catch((error) => this.#stall(run, error));
    this.#changed.fire();
  }

  async #work(run: Run): Promise<void> {
    const { store } = run;
    let overviews: ReadonlyMap<string, CaseOverview> | undefined;
    while (this.#run === run && run.queue.state === 'idle') {
      const version = await store.models.active();
      if (version === null) throw new NoModelError();
      if (this.#run !== run || run.queue.state !== 'idle') break;
      run.queue = beginNext(adoptModel(run.queue, version));
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
    await this.#forget(store);
    const { modelVersion, done, failed } = run.queue;
    this.#changed.fire();
    this.#ended.fire({ modelVersion, predicted: done.length, failed });
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
      // Paused or cancelled: the queue says so already.
      if (run.queue.state !== 'predicting' || (error instanceof CancelledError && signal.aborted)) return;
      if (error instanceof EngineDiedError && ++run.engineDeaths === 1) {
        // It may not have been this case: it gets a second chance.
        run.queue = currentInterrupted(run.queue);
        return;
      }
      run.queue = currentFailed(run.queue, sentenceFor(error) ?? text.internal);
      if (run.engineDeaths >= ENGINE_DEATHS_TO_PAUSE) this.#stall(run, error);
    }
  }

  async #predict(run: Run, id: string, overview: CaseOverview | undefined): Promise<string> {
    if (!overview) throw new MissingCaseError(id);
    const { store, queue } = run;
    const { files, reviewAxis } = overview;
    const { path } = await this.services.engines.predictInBackground(
      proposalRequest(store, files, queue.modelVersion, reviewAxis),
      {
        signal: run.controller.signal,
        onProgress: ({ fraction }) => {
          const isNews = Math.floor(100 * fraction) !== Math.floor(100 * run.fraction);
          run.fraction = fraction;
          if (isNews && this.#run === run) this.#changed.fire();
        },
      },
    );
    return path;
  }

  #stall(run: Run, error: unknown): void {
    if (this.#run !== run) return;
    run.queue = pauseQueue(run.queue);
    this.#write(run);
    this.#changed.fire();
    this.#troubled.fire(sentenceFor(error) ?? text.internal);
  }

  /** @param atMostEveryMs leaves it out where it was written a moment ago */
  #write(run: Run, atMostEveryMs = 0): void {
    const now = Date.now();
    if (now - run.writtenMs < atMostEveryMs) return;
    run.writtenMs = now;
    void this.#writeRecord(run.store, queueRecordOf(run.queue));
  }

  #forget(store: CohortStore): Promise<void> {
    return this.#writeRecord(store, null);
  }

  /** Without the file everything goes on; only a restart would not know. */
  #writeRecord(store: CohortStore, record: PredictionQueueRecord | null): Promise<void> {
    this.#writing = this.#writing
      .then(() => writePredictionQueue(store, record))
      .catch((error) => log().warn('The queue of cases to predict cannot be written:', error));
    return this.#writing;
  }
}

class MissingCaseError extends VoxelLoopError {
  readonly code = 'missing-case';

  constructor(id: string) {
    super(`Case ${id} is not in the cohort any more: its image was moved or removed.`);
  }
}
