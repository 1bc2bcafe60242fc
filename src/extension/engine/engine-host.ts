import { availableParallelism } from 'node:os';
import * as vscode from 'vscode';
import type { CancelSignal } from '../../core/cancel.ts';
import { ForegroundFirst } from '../../core/foreground-first.ts';
import type {
  CompareLabelsParams,
  CompareLabelsResult,
  CompareParams,
  CompareProgress,
  CompareResult,
  EngineReport,
  InterruptedTraining,
  PlanTrainingParams,
  PredictParams,
  PredictProgress,
  PredictResult,
  TrainingOutlook,
  TrainParams,
  TrainProgress,
  TrainResult,
} from '../../core/protocol/engine-contract.ts';
import { type EngineProcess, startEngineProcess } from '../../node/engine-process.ts';
import { log } from '../log.ts';

/** `interactive` answers a waiting user; `training` runs for minutes, at low priority, beside it. */
type EngineRole = 'interactive' | 'training';

/** After looking at a cohort the process waits so long for the training that most often follows. */
const IDLE_MS = 5000;

/**
 * Training leaves one core to the person who goes on labelling. Of two or three cores that would be too much to give:
 * there the low priority alone must do.
 */
const TRAINING_THREADS = availableParallelism() >= 4 ? availableParallelism() - 1 : undefined;

interface PredictOptions {
  readonly signal: CancelSignal;
  readonly onProgress: (report: PredictProgress) => void;
}

/**
 * The compute processes of this window, each started when first needed. One that dies rejects what was asked of it with
 * a sentence for the user; the next request starts a fresh one. Neither holds anything that is not also on disk.
 */
export class EngineHost implements vscode.Disposable {
  readonly #processes = new Map<EngineRole, EngineProcess>();
  readonly #order = new ForegroundFirst();
  readonly #engineUsed = new vscode.EventEmitter<string>();
  readonly #trainingLog = new vscode.EventEmitter<{ readonly level: string; readonly message: string }>();
  #lastEngineName: string | null = null;
  #trainingRequests = 0;
  #idle: NodeJS.Timeout | undefined;

  /** Fired with the name of the engine that ran last ("ONNX Runtime CPU"). */
  readonly onEngineUsed = this.#engineUsed.event;

  /** What the training process says while it works. */
  readonly onTrainingLog = this.#trainingLog.event;

  constructor(private readonly entry: vscode.Uri) {}

  get lastEngineName(): string | null {
    return this.#lastEngineName;
  }

  /** For somebody who waits: interrupts `predictInBackground`. */
  predict(params: PredictParams, options: PredictOptions): Promise<PredictResult> {
    return this.#order.foreground(() => this.#predict(params, options));
  }

  /** When nobody waits for another prediction; begins anew when interrupted. */
  predictInBackground(params: PredictParams, options: PredictOptions): Promise<PredictResult> {
    const { signal, onProgress } = options;
    return this.#order.background((inner) => this.#predict(params, { onProgress, signal: inner }), signal);
  }

  async #predict(params: PredictParams, options: PredictOptions): Promise<PredictResult> {
    const result = await this.#process('interactive').endpoint.request('predict', params, options);
    this.#used(result.engineName);
    return result;
  }

  /** Agreement of two people's label files. */
  compareLabels(
    params: CompareLabelsParams,
    options: {
      readonly signal?: CancelSignal;
      readonly onProgress?: (report: { done: number; all: number }) => void;
    } = {},
  ): Promise<CompareLabelsResult> {
    return this.#process('interactive').endpoint.request('compareLabels', params, options);
  }

  async compareModels(
    params: CompareParams,
    options: { readonly signal: CancelSignal; readonly onProgress: (report: CompareProgress) => void },
  ): Promise<CompareResult> {
    const result = await this.#process('interactive').endpoint.request('compareModels', params, options);
    this.#used(result.engineName);
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

  /** What each engine is worth on this machine. */
  report(again: boolean): Promise<EngineReport> {
    return this.#process('interactive').endpoint.request('engines', { again });
  }

  /** What `train` would do (see the engine's contract). */
  planTraining(params: PlanTrainingParams, options: { readonly signal: CancelSignal }): Promise<TrainingOutlook> {
    return this.#inTraining(IDLE_MS, ({ endpoint }) => endpoint.request('planTraining', params, options));
  }

  /** The training of a cohort that could be resumed. */
  interruptedTraining(params: Pick<TrainParams, 'cohortRoot'>): Promise<InterruptedTraining | null> {
    return this.#inTraining(IDLE_MS, ({ endpoint }) => endpoint.request('interruptedTraining', params));
  }

  /** Ends the training process whatever it does: what was asked of it rejects. */
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
    this.#trainingLog.dispose();
  }

  /** @param idleMs how long the process is kept afterwards, for what may be asked next */
  async #inTraining<Result>(idleMs: number, ask: (engine: EngineProcess) => Promise<Result>): Promise<Result> {
    clearTimeout(this.#idle);
    this.#trainingRequests++;
    const engine = this.#process('training');
    try {
      return await ask(engine);
    } finally {
      this.#trainingRequests--;
      const stop = () => {
        if (this.#trainingRequests > 0) return;
        if (this.#processes.get('training') === engine) this.#processes.delete('training');
        void engine.stop();
      };
      if (idleMs === 0) stop();
      else this.#idle = setTimeout(stop, idleMs);
    }
  }

  #process(role: EngineRole): EngineProcess {
    const running = this.#processes.get(role);
    if (running) return running;
    const started = startEngineProcess({
      entry: this.entry.fsPath,
      background: role === 'training',
      ...(role === 'training' && TRAINING_THREADS !== undefined && { threads: TRAINING_THREADS }),
      onLog: (level, message) => {
        if (role === 'training') this.#trainingLog.fire({ level, message });
        if (level === 'error') log().error(`${role} engine: ${message}`);
        else if (level === 'warning') log().warn(`${role} engine: ${message}`);
        else log().info(`${role} engine: ${message}`);
      },
    });
    log().info(`${role} engine started, pid ${started.pid ?? 'none'}`);
    this.#processes.set(role, started);
    void started.exited.then((how) => {
      log().info(`${role} engine ended: ${how}`);
      if (this.#processes.get(role) === started) this.#processes.delete(role);
    });
    return started;
  }

  #used(engineName: string): void {
    this.#lastEngineName = engineName;
    this.#engineUsed.fire(engineName);
  }
}
