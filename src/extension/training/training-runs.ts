import { access } from 'node:fs/promises';
import * as vscode from 'vscode';
import { VoxelLoopError } from '../../core/errors.ts';
import type { InterruptedTraining, TrainSample } from '../../core/protocol/engine/interrupted-training.ts';
import type { TrainingOutlook } from '../../core/protocol/engine/plan-training.ts';
import type { TrainParams, TrainProgress, TrainResult } from '../../core/protocol/engine/train.ts';
import type {
  HowToStop,
  TrainingFigures,
  TrainingOutcome,
  TrainingView,
} from '../../core/protocol/training-page-contract.ts';
import { curvesOf, NO_CURVES, withEvaluation, withSample } from '../../core/report/training-curves.ts';
import type { CohortStore } from '../../node/cohort/state/cohort-store.ts';
import type { EngineHost } from '../engine/engine-host.ts';
import { log } from '../platform/log.ts';
import { sentenceFor } from '../platform/messages.ts';
import type { TrainingMemory } from './training-memory.ts';
import { trainingText } from './training-text.ts';

type Running = Extract<TrainingView, { kind: 'running' }>;

/** A training was asked for that cannot begin as things are. */
export class TrainingRunsError extends VoxelLoopError {
  readonly code = 'training-runs';
}

/** The values that a training is started with. With `resume`, all but the cohort come from the interrupted training. */
interface RunRequest {
  readonly params: Omit<TrainParams, 'cohortRoot'>;
  readonly automatic: boolean;
  readonly outlook: TrainingOutlook | null;
  readonly interrupted: InterruptedTraining | null;
}

/** The news that one report of the engine adds to what is shown. */
export interface RunProgress {
  readonly figures: TrainingFigures;
  readonly sample: TrainSample | null;
  readonly evaluation: TrainProgress['evaluation'];
}

/**
 * The training of this window; there is at most one at a time. This keeps what the page shows of it, so that the page
 * can be closed and opened again, and the means to stop it.
 */
export class TrainingRuns implements vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<void>();
  readonly #progress = new vscode.EventEmitter<RunProgress>();
  readonly #subscription: vscode.Disposable;
  #view: TrainingView = { kind: 'no-cohort' };
  #store: CohortStore | undefined;
  #stop: AbortController | undefined;
  #planning: AbortController | undefined;
  #isStarting = false;

  /** Fires when `view` was replaced. */
  readonly onDidChange = this.#changed.event;
  /** Fires when the running training went on; `view` holds the progress already. */
  readonly onProgress = this.#progress.event;

  constructor(
    private readonly engines: EngineHost,
    private readonly memory: TrainingMemory,
  ) {
    this.#subscription = engines.onTrainingLog(({ level, message }) => {
      if (level !== 'warning' || this.#view.kind !== 'running' || this.#view.warnings.includes(message)) return;
      this.#show({ ...this.#view, warnings: [...this.#view.warnings, message] });
    });
  }

  get view(): TrainingView {
    return this.#view;
  }

  /** This is true also while the cohort is looked at in order to train. */
  get isRunning(): boolean {
    return this.#isStarting || this.#view.kind === 'running';
  }

  /** The cohort that `view` is about. */
  get store(): CohortStore | undefined {
    return this.#store;
  }

  /** Shows that there is no cohort, or that nothing may be run in it. */
  showNothing(kind: 'no-cohort' | 'untrusted'): void {
    if (this.isRunning) return;
    this.#planning?.abort();
    this.#store = undefined;
    this.#show({ kind });
  }

  /**
   * Shows the end of the last training that an earlier session of this window saw, if no later one has run.
   *
   * @returns false if there is none, or things went on without this window
   */
  async showLastEnded(store: CohortStore): Promise<boolean> {
    const last = this.memory.lastRun;
    if (this.isRunning || last?.root !== store.root || !last.ended) return false;
    const { ended } = last;
    const { outcome } = ended;
    const newest = (await store.models.list()).at(-1);
    if (outcome.kind !== 'version' || newest !== outcome.result.version || this.isRunning) return false;
    this.#planning?.abort();
    this.#store = store;
    this.#show({ ...ended, interrupted: await this.interrupted(store) });
    await this.lookAtActive();
    return true;
  }

  /**
   * Works out what a training would do, and shows it.
   *
   * @returns null if that could not be said; the view says why
   */
  async plan(store: CohortStore, params: Omit<TrainParams, 'cohortRoot'>): Promise<TrainingOutlook | null> {
    return this.isRunning ? null : this.#plan(store, params);
  }

  /**
   * Works out what a training would do, and trains unless something stands in the way. However a training is asked for,
   * it begins here or in `resume`, where a second one is refused from the first moment on.
   *
   * @returns the result (see `#run`), and the obstacle if there was one; if both are null, the training was stopped
   * before there was anything to keep, or thrown away
   * @throws TrainingRunsError if one is running; RemoteError of the engine, EngineDiedError
   */
  async start(
    store: CohortStore,
    params: Omit<TrainParams, 'cohortRoot'>,
    automatic: boolean,
  ): Promise<{ readonly result: TrainResult | null; readonly obstacle: string | null }> {
    return this.#alone(async () => {
      const outlook = await this.#plan(store, params);
      if (!outlook || outlook.obstacle !== null) {
        const said = this.#view.kind === 'plan-failed' ? this.#view.sentence : null;
        return { result: null, obstacle: outlook?.obstacle ?? said };
      }
      const request = { params, automatic, outlook, interrupted: null };
      return { result: await this.#run(store, request), obstacle: null };
    });
  }

  /**
   * Goes on with an interrupted training.
   * @param withoutEngine true if another engine shall take over, because the old one may be why it died
   * @throws what `start` throws
   */
  resume(store: CohortStore, interrupted: InterruptedTraining, withoutEngine: boolean): Promise<TrainResult | null> {
    const without = withoutEngine && interrupted.replaceable ? [interrupted.replaceable.id] : [];
    const params = { resume: true, without };
    return this.#alone(() => this.#run(store, { params, automatic: false, outlook: null, interrupted }));
  }

  async #alone<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.isRunning) throw new TrainingRunsError(trainingText.alreadyRunning);
    this.#isStarting = true;
    try {
      return await work();
    } finally {
      this.#isStarting = false;
      this.#changed.fire();
    }
  }

  async #plan(store: CohortStore, params: Omit<TrainParams, 'cohortRoot'>): Promise<TrainingOutlook | null> {
    this.#planning?.abort();
    const planning = new AbortController();
    this.#planning = planning;
    this.#store = store;
    this.#show({ kind: 'planning' });
    const request = { cohortRoot: store.root, ...params };
    try {
      const interrupted = await this.interrupted(store);
      const outlook = await this.engines.planTraining(request, { signal: planning.signal });
      if (planning.signal.aborted) return null;
      this.#show({ kind: 'planned', outlook, interrupted });
      return outlook;
    } catch (error) {
      if (planning.signal.aborted) return null;
      this.#show({ kind: 'plan-failed', sentence: sentenceFor(error) ?? trainingText.planCancelled });
      return null;
    }
  }

  /** The training that could be resumed, or has to be discarded; it is null if there is none. */
  async interrupted(store: CohortStore): Promise<InterruptedTraining | null> {
    return (await this.hasBegun(store)) ? this.engines.interruptedTraining({ cohortRoot: store.root }) : null;
  }

  /** The training that died and can go on. It is null if there is none, or it was stopped by hand. */
  async resumable(store: CohortStore): Promise<InterruptedTraining | null> {
    const found = await this.interrupted(store);
    return found && found.keptAs === null && found.obstacle === null ? found : null;
  }

  /** Tells whether a training was interrupted, or is running somewhere. */
  async hasBegun({ runJournalPath, checkpointPath }: CohortStore): Promise<boolean> {
    const found = await Promise.allSettled([access(runJournalPath), access(checkpointPath)]);
    return found.some(({ status }) => status === 'fulfilled');
  }

  /**
   * Trains, and shows how it goes.
   *
   * @returns the result; null if it was stopped before there was anything to keep, or thrown away
   * @throws RemoteError of the engine, EngineDiedError; the view shows it too
   */
  async #run(store: CohortStore, { params, automatic, outlook, interrupted }: RunRequest): Promise<TrainResult | null> {
    this.#planning?.abort();
    const stop = new AbortController();
    this.#stop = stop;
    this.#store = store;
    this.#show({
      kind: 'running',
      curves: interrupted ? curvesOf(interrupted) : NO_CURVES,
      labels: [],
      plan: outlook?.sentences ?? [],
      warnings: [],
      automatic,
      resumed: interrupted !== null,
      stopping: null,
      figures: null,
      outlook,
    });
    this.memory.rememberRun(store.root, null);
    let outcome: TrainingOutcome | undefined;
    try {
      const request = { cohortRoot: store.root, ...params };
      const previousVersion = await store.models.active();
      const result = await this.engines.train(request, {
        signal: stop.signal,
        onProgress: (progress) => this.#hear(progress),
      });
      outcome = await this.#outcomeOf(store, result, previousVersion, outlook);
      return result;
    } catch (error) {
      if (this.#isDiscarding) {
        await store.discardInterruptedTraining();
        outcome = { kind: 'nothing', sentence: trainingText.thrownAway };
        return null;
      }
      const sentence = sentenceFor(error);
      outcome = sentence ? { kind: 'failed', sentence } : { kind: 'nothing', sentence: trainingText.stoppedEarly };
      if (!sentence) return null;
      throw error;
    } finally {
      this.#stop = undefined;
      await this.#end(store, outcome ?? { kind: 'failed', sentence: trainingText.unknownEnd });
    }
  }

  /** Lets a running training end as soon as it can; without one, nothing happens. */
  stop(how: HowToStop): void {
    if (this.#view.kind === 'planning') {
      this.#planning?.abort();
      this.#show({ kind: 'plan-failed', sentence: trainingText.planCancelled });
    }
    if (this.#view.kind !== 'running' || this.#view.stopping === 'discard') return;
    this.#show({ ...this.#view, stopping: how });
    if (how === 'discard') this.engines.abandonTraining();
    else this.#stop?.abort();
  }

  /** @throws TrainingLockedError while a training runs elsewhere; FileAccessError */
  async discardInterrupted(store: CohortStore): Promise<void> {
    await store.discardInterruptedTraining();
    if (this.#view.kind === 'planned' || this.#view.kind === 'ended') this.#show({ ...this.#view, interrupted: null });
  }

  /** The version of the last training may have become active, or have stopped being so. */
  async lookAtActive(): Promise<void> {
    const view = this.#view;
    if (view.kind !== 'ended' || view.outcome.kind !== 'version' || !this.#store) return;
    const isActive = (await this.#store.models.active().catch(() => null)) === view.outcome.result.version;
    if (this.#view !== view || isActive === view.outcome.isActive) return;
    this.#show({ ...view, outcome: { ...view.outcome, isActive } });
  }

  dispose(): void {
    this.#planning?.abort();
    this.#subscription.dispose();
    this.#changed.dispose();
    this.#progress.dispose();
  }

  get #isDiscarding(): boolean {
    return this.#view.kind === 'running' && this.#view.stopping === 'discard';
  }

  #show(view: TrainingView): void {
    this.#view = view;
    this.#changed.fire();
  }

  #hear({ plan, evaluation, ...figures }: TrainProgress): void {
    if (this.#view.kind !== 'running') return;
    if (plan) this.#show({ ...this.#view, plan: plan.sentences, labels: plan.labels });
    const { step, loss, learningRate } = figures;
    const sample = loss === null || learningRate === null ? null : { step, loss, learningRate };
    let { curves } = this.#view as Running;
    if (sample) curves = withSample(curves, sample);
    if (evaluation) curves = withEvaluation(curves, evaluation);
    this.#view = { ...(this.#view as Running), figures, curves };
    this.#progress.fire({ figures, sample, evaluation });
  }

  async #outcomeOf(
    store: CohortStore,
    result: TrainResult,
    previousVersion: number | null,
    outlook: TrainingOutlook | null,
  ): Promise<TrainingOutcome> {
    const since = outlook && outlook.since !== null && outlook.since === previousVersion ? outlook : null;
    const added = since && [since.sets.train, since.sets.tune];
    const commands = await vscode.commands.getCommands(true);
    return {
      kind: 'version',
      result,
      previousVersion,
      newCases: added?.reduce((sum, { newCases }) => sum + newCases, 0) ?? null,
      newSlices: added?.reduce((sum, { newSlices }) => sum + newSlices, 0) ?? null,
      isActive: (await store.models.active()) === result.version,
      canActivate: commands.includes(ACTIVATE_COMMAND),
    };
  }

  async #end(store: CohortStore, outcome: TrainingOutcome): Promise<void> {
    const view = this.#view;
    if (view.kind !== 'running') return;
    const { curves, labels, plan, warnings } = view;
    const interrupted = await this.interrupted(store).catch((error: unknown) => {
      log().warn('What was interrupted could not be read:', error);
      return null;
    });
    const ended = { kind: 'ended', curves, labels, plan, warnings, outcome, interrupted } as const;
    this.memory.rememberRun(store.root, ended);
    this.#show(ended);
  }
}

/** The command takes the number of a version. */
export const ACTIVATE_COMMAND = 'voxelLoop.models.activate';
