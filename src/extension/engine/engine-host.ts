import { availableParallelism } from 'node:os';
import { isDeepStrictEqual } from 'node:util';
import * as vscode from 'vscode';
import type { CancelSignal } from '../../core/cancel.ts';
import type { EngineFolders } from '../../core/engines/engine-packages.ts';
import { ForegroundFirst } from '../../core/foreground-first.ts';
import type { CompareLabelsParams, CompareLabelsResult } from '../../core/protocol/engine/compare-labels.ts';
import type { CompareParams, CompareProgress, CompareResult } from '../../core/protocol/engine/compare-models.ts';
import type { CudaInstallProgress, CudaInstallResult, CudaSupport } from '../../core/protocol/engine/cuda-support.ts';
import type { EngineReport } from '../../core/protocol/engine/engine-report.ts';
import type { InterruptedTraining } from '../../core/protocol/engine/interrupted-training.ts';
import type { PlanTrainingParams, TrainingOutlook } from '../../core/protocol/engine/plan-training.ts';
import type { PredictParams, PredictProgress, PredictResult } from '../../core/protocol/engine/predict.ts';
import type { TrainParams, TrainProgress, TrainResult } from '../../core/protocol/engine/train.ts';
import { EngineDeaths } from '../../node/engine-link/engine-deaths.ts';
import { forkTransport } from '../../node/engine-link/fork/fork-transport.ts';
import { type RunningEngine, startEngine } from '../../node/engine-link/start-engine.ts';
import { log } from '../platform/log.ts';

/** `interactive` answers a waiting user; `training` runs for minutes beside it, at low priority. */
type EngineRole = 'interactive' | 'training';

/** After looking at a cohort the process is kept for this long, because a training most often follows. */
const IDLE_MS = 5000;

/**
 * Training leaves one core to the person who goes on labelling. Of two or three cores that would be too much to give,
 * so there the low priority alone must do.
 */
const TRAINING_THREADS = availableParallelism() >= 4 ? availableParallelism() - 1 : undefined;

interface PredictOptions {
  readonly signal: CancelSignal;
  readonly onProgress: (report: PredictProgress) => void;
}

interface Running extends RunningEngine {
  readonly role: EngineRole;
  /** The folders of engines' packages that the process was started with. */
  readonly folders: EngineFolders;
  /** The number of requests that are not answered yet. */
  requests: number;
}

/**
 * The compute processes of this window, each started when first needed. When one dies, its open requests are rejected
 * with a sentence for the user, and the next request starts a fresh one. Neither holds anything that is not also on the
 * disk.
 */
export class EngineHost implements vscode.Disposable {
  readonly #processes = new Map<EngineRole, Running>();
  readonly #order = new ForegroundFirst();
  readonly #engineUsed = new vscode.EventEmitter<string>();
  readonly #engineTrouble = new vscode.EventEmitter<string>();
  readonly #trainingLog = new vscode.EventEmitter<{ readonly level: string; readonly message: string }>();
  readonly #deaths = new EngineDeaths();
  readonly #toldTrouble = new Set<string>();
  #lastEngineName: string | null = null;
  #idle: NodeJS.Timeout | undefined;

  /** Fires with the name of the engine that ran last ("ONNX Runtime CPU"). */
  readonly onEngineUsed = this.#engineUsed.event;

  /** Fires once with a sentence for the user where an engine failed and a prediction went on with another. */
  readonly onEngineTrouble = this.#engineTrouble.event;

  /** Fires with what the training process logs while it works. */
  readonly onTrainingLog = this.#trainingLog.event;

  /** @param folders returns where packages of engines are installed now */
  constructor(
    private readonly entry: vscode.Uri,
    private readonly folders: () => EngineFolders,
  ) {}

  get lastEngineName(): string | null {
    return this.#lastEngineName;
  }

  /** Predicts for somebody who waits, and interrupts `predictInBackground`. */
  predict(params: PredictParams, options: PredictOptions): Promise<PredictResult> {
    return this.#order.foreground(() => this.#predict(params, options));
  }

  /** Predicts when nobody waits for another prediction, and begins anew when interrupted. */
  predictInBackground(params: PredictParams, options: PredictOptions): Promise<PredictResult> {
    const { signal, onProgress } = options;
    return this.#order.background((inner) => this.#predict(params, { onProgress, signal: inner }), signal);
  }

  async #predict(params: PredictParams, options: PredictOptions): Promise<PredictResult> {
    const { signal } = options;
    const result = await this.#deaths.watch(params, (given, runs) => {
      const onProgress = (report: PredictProgress) => {
        runs(report.engine);
        options.onProgress(report);
      };
      return this.#ask((endpoint) => endpoint.request('predict', given, { signal, onProgress }));
    });
    if (result.engineName !== null) this.#used(result.engineName);
    this.#tell(result.notes);
    return result;
  }

  /** Measures the agreement of two people's label files. */
  compareLabels(
    params: CompareLabelsParams,
    options: {
      readonly signal?: CancelSignal;
      readonly onProgress?: (report: { done: number; all: number }) => void;
    } = {},
  ): Promise<CompareLabelsResult> {
    return this.#ask((endpoint) => endpoint.request('compareLabels', params, options));
  }

  async compareModels(
    params: CompareParams,
    options: { readonly signal: CancelSignal; readonly onProgress: (report: CompareProgress) => void },
  ): Promise<CompareResult> {
    const { signal } = options;
    const result = await this.#deaths.watch(params, (given, runs) => {
      const onProgress = (report: CompareProgress) => {
        runs(report.engine);
        options.onProgress(report);
      };
      return this.#ask((endpoint) => endpoint.request('compareModels', given, { signal, onProgress }));
    });
    this.#used(result.engineName);
    this.#tell(result.notes);
    return result;
  }

  async train(
    params: TrainParams,
    options: { readonly signal: CancelSignal; readonly onProgress: (report: TrainProgress) => void },
  ): Promise<TrainResult> {
    // Training leaves gigabytes behind in the allocator; a fresh process costs a few hundred milliseconds.
    const result = await this.#inTraining(0, (engine) => engine.endpoint.request('train', params, options));
    this.#used(result.engineName);
    return result;
  }

  /** Tells what each engine is worth on this machine. */
  report(again: boolean, signal: CancelSignal): Promise<EngineReport> {
    return this.#ask((endpoint) => endpoint.request('engines', { again }, { signal }));
  }

  /**
   * Tells whether CUDA support is installed, and how large it is. @throws RemoteError `cuda-install` if nobody can say
   */
  cudaSupport(): Promise<CudaSupport> {
    return this.#ask((endpoint) => endpoint.request('cudaSupport', {}));
  }

  /** Downloads CUDA support. Requests from then on use it. */
  installCuda(options: {
    readonly signal: CancelSignal;
    readonly onProgress: (report: CudaInstallProgress) => void;
  }): Promise<CudaInstallResult> {
    return this.#ask(async (endpoint) => {
      const result = await endpoint.request('installCuda', {}, options);
      // This process may have loaded the runtime without CUDA beside it, so the next request starts another one.
      this.#processes.delete('interactive');
      return result;
    });
  }

  /** Works out what `train` would do (see the engine's contract). */
  planTraining(params: PlanTrainingParams, options: { readonly signal: CancelSignal }): Promise<TrainingOutlook> {
    return this.#inTraining(IDLE_MS, ({ endpoint }) => endpoint.request('planTraining', params, options));
  }

  /** The training of a cohort that could be resumed. */
  interruptedTraining(params: Pick<TrainParams, 'cohortRoot'>): Promise<InterruptedTraining | null> {
    return this.#inTraining(IDLE_MS, ({ endpoint }) => endpoint.request('interruptedTraining', params));
  }

  /** Ends the training process, whatever it is doing; its open requests are rejected. */
  abandonTraining(): void {
    const engine = this.#processes.get('training');
    this.#processes.delete('training');
    void engine?.stop();
  }

  dispose(): void {
    for (const process of this.#processes.values()) void process.stop();
    this.#processes.clear();
    clearTimeout(this.#idle);
    this.#engineUsed.dispose();
    this.#engineTrouble.dispose();
    this.#trainingLog.dispose();
  }

  /** Asks the process that answers a waiting user. */
  #ask<Result>(ask: (endpoint: RunningEngine['endpoint']) => Promise<Result>): Promise<Result> {
    return this.#counted(this.#process('interactive'), ({ endpoint }) => ask(endpoint));
  }

  /** @param idleMs the process is kept for this long afterwards, for what may be asked next */
  async #inTraining<Result>(idleMs: number, ask: (engine: RunningEngine) => Promise<Result>): Promise<Result> {
    clearTimeout(this.#idle);
    const engine = this.#process('training');
    try {
      return await this.#counted(engine, ask);
    } finally {
      const stop = () => {
        if (engine.requests > 0) return;
        if (this.#processes.get('training') === engine) this.#processes.delete('training');
        void engine.stop();
      };
      if (idleMs === 0) stop();
      else this.#idle = setTimeout(stop, idleMs);
    }
  }

  /** Counts an open request. A process that was replaced meanwhile ends with its last answer. */
  async #counted<Result>(engine: Running, ask: (engine: RunningEngine) => Promise<Result>): Promise<Result> {
    engine.requests++;
    try {
      return await ask(engine);
    } finally {
      engine.requests--;
      if (engine.requests === 0 && this.#processes.get(engine.role) !== engine) void engine.stop();
    }
  }

  #process(role: EngineRole): Running {
    const running = this.#processes.get(role);
    const folders = this.folders();
    if (running && isDeepStrictEqual(running.folders, folders)) return running;
    // An engine's package was installed, or its setting changed: the old process still answers what it was asked.
    if (running?.requests === 0) void running.stop();
    const engine = startEngine(forkTransport(this.entry.fsPath), {
      folders,
      background: role === 'training',
      ...(role === 'training' && TRAINING_THREADS !== undefined && { threads: TRAINING_THREADS }),
      onLog: (level, message) => {
        if (role === 'training') this.#trainingLog.fire({ level, message });
        if (level === 'error') log().error(`${role} engine: ${message}`);
        else if (level === 'warning') log().warn(`${role} engine: ${message}`);
        else log().info(`${role} engine: ${message}`);
      },
    });
    const started: Running = { ...engine, role, folders, requests: 0 };
    log().info(`${role} engine started, pid ${started.pid ?? 'none'}`);
    this.#processes.set(role, started);
    void started.exited.then((how) => {
      log().info(`${role} engine ended: ${how}`);
      if (this.#processes.get(role) === started) this.#processes.delete(role);
    });
    return started;
  }

  #tell(notes: readonly string[]): void {
    for (const note of notes) {
      if (this.#toldTrouble.has(note)) continue;
      this.#toldTrouble.add(note);
      this.#engineTrouble.fire(note);
    }
  }

  #used(engineName: string): void {
    this.#lastEngineName = engineName;
    this.#engineUsed.fire(engineName);
  }
}
