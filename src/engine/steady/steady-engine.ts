import { type CancelSignal, throwIfCancelled } from '../../core/cancel.ts';
import type { EngineChoice, EngineId } from '../../core/engines/engine-id.ts';
import type { NetworkEngine, Predictor, Trainer, TrainingModel } from '../../core/net/graph/network-engine.ts';
import type { LoweringTarget } from '../../core/net/graph/tensor.ts';
import type { EngineInUse } from '../../core/protocol/engine/engine-report.ts';
import type { EngineUse } from '../choice/engine-trials.ts';
import type { Engines, StartedEngine } from '../choice/engines.ts';
import { ProviderStartError } from '../device/engine-errors.ts';
import { engineFailure, type RunFailure } from '../engines/run-failure.ts';
import type { ModelFile } from '../inputs/model-file.ts';
import { SteadyPredictor } from './steady-predictor.ts';

/**
 * The engine of one job, which goes on with another when it fails: the fastest that is left and agrees with the CPU, in
 * the end the CPU itself. A job never returns to an engine that failed it. What an engine was found to be worth stays
 * as it is: memory that is short now is there tomorrow.
 *
 * Its predictors do that by themselves (`SteadyPredictor`), because prediction keeps nothing from one batch to the
 * next. Its trainers fail, and whoever trains goes on from a checkpoint (`trainSteadily`).
 */
export class SteadyEngine implements NetworkEngine {
  #current: StartedEngine;
  readonly #failed: Set<EngineId>;

  private constructor(
    private readonly engines: Engines,
    private readonly use: EngineUse,
    started: StartedEngine,
    failed: ReadonlySet<EngineId>,
    private readonly threads: number | undefined,
    private readonly tell: (note: string) => void,
  ) {
    this.#current = started;
    this.#failed = new Set(failed);
  }

  /**
   * @param tell is told, in sentences for the user, what did not go as it should
   * @param without engines that failed this job before
   * @throws ProviderStartError if what was asked for by name does not start here, or not for this use, or if none is
   * left
   * @throws RuntimeMissingError
   */
  static async start(
    engines: Engines,
    choice: EngineChoice,
    use: EngineUse,
    tell: (note: string) => void,
    {
      threads,
      without = [],
    }: { readonly threads?: number | undefined; readonly without?: readonly EngineId[] | undefined } = {},
  ): Promise<SteadyEngine> {
    const failed = new Set(without);
    const isAnother = failed.size > 0 && (choice === 'auto' || failed.has(choice));
    const started = await (isAnother ? engines.next(use, failed, threads) : engines.get(choice, use, threads));
    if (!started) {
      throw new ProviderStartError('Every engine of this machine failed this job: choose one of them to try it again.');
    }
    return new SteadyEngine(engines, use, started, failed, threads, tell);
  }

  /** Makes another one of the same job, for its predictions: it begins on the same engine and falls back by itself. */
  forPredicting(): SteadyEngine {
    return new SteadyEngine(this.engines, 'predict', this.#current, this.#failed, this.threads, this.tell);
  }

  get id(): EngineId {
    return this.#current.id;
  }

  get name(): string {
    return this.#current.engine.name;
  }

  get onGpu(): boolean {
    return this.#current.engine.onGpu;
  }

  /** It is true when the engine computes by itself what the others are compared with. */
  get isReference(): boolean {
    return this.engines.isReference(this.id);
  }

  get inUse(): EngineInUse {
    const { id, name, isReference } = this;
    return { id, name, isReference };
  }

  get memoryBytes(): number | undefined {
    return this.#current.engine.memoryBytes;
  }

  get target(): LoweringTarget {
    return this.#current.engine.target;
  }

  async createPredictor(model: Uint8Array, signal?: CancelSignal): Promise<Predictor> {
    throwIfCancelled(signal);
    return new SteadyPredictor(this, async ({ engine }) => {
      const predictor = await engine.createPredictor(model, signal);
      return {
        predictor,
        end: async (hasFailed) => {
          // A predictor whose device is gone can fail at being closed, and nothing is lost by it.
          if (hasFailed) await predictor.close().catch(() => undefined);
          else await predictor.close();
        },
      };
    });
  }

  /** Lends a predictor of the model, which this process keeps for the next job. */
  async withPredictor<T>({ bytes, hash }: ModelFile, use: (predictor: Predictor) => Promise<T>): Promise<T> {
    const predictor = new SteadyPredictor(this, ({ engine }) =>
      this.engines.predictors.borrow(`${engine.name} ${hash}`, () => engine.createPredictor(bytes)),
    );
    try {
      return await use(predictor);
    } finally {
      await predictor.close();
    }
  }

  createTrainer(model: TrainingModel, signal?: CancelSignal): Promise<Trainer> {
    return this.#current.engine.createTrainer(model, signal);
  }

  /** Does nothing: the engines are the process's, and stay. */
  async close(): Promise<void> {}

  /** The engine that predictors are lent on. */
  get current(): StartedEngine {
    return this.#current;
  }

  /** See `Engines.mostPixels`. */
  get mostPixels(): number {
    return this.engines.mostPixels(this.id);
  }

  /**
   * Reacts to a run that failed: it halves what is predicted at once, or falls back.
   *
   * @param images that were predicted at once, of `pixels` each
   * @throws the error itself, if nothing is left to be tried
   */
  async afterPrediction(error: unknown, images: number, pixels: number): Promise<void> {
    const failure = engineFailure(error);
    if (failure === 'out-of-memory' && images > 1) {
      const half = Math.floor(images / 2);
      this.engines.limitPixels(this.id, half * pixels);
      this.tell(`${this.name} ran out of memory: it predicts ${half} ${slices(half)} at a time instead of ${images}.`);
      return;
    }
    const { before, after } = await this.fallBack(error);
    this.tell(`${before} ${failureInWords(failure)}: prediction goes on with ${after}.`);
  }

  /**
   * Takes the next engine.
   * @returns the names of both
   * @throws the error itself, if none is left
   */
  async fallBack(error: unknown): Promise<{ readonly before: string; readonly after: string }> {
    const failure = engineFailure(error);
    if (failure === null) throw error;
    const { id, name } = this;
    this.#failed.add(id);
    if (failure === 'device-lost') this.engines.lose(id);
    const next = await this.engines.next(this.use, this.#failed, this.threads);
    if (!next) throw error;
    this.#current = next;
    return { before: name, after: this.name };
  }

  /** Goes where another one of the same job went. */
  follow(other: SteadyEngine): void {
    for (const id of other.#failed) this.#failed.add(id);
    if (this.#failed.has(this.id)) this.#current = other.#current;
  }
}

/** Says what an engine did, as the user reads it. */
export function failureInWords(failure: RunFailure | null): string {
  switch (failure) {
    case 'out-of-memory':
      return 'ran out of memory, even with one slice at a time';
    case 'device-lost':
      return 'lost its device';
    case 'not-a-number':
      return 'computed a loss that is not a number';
    default:
      return 'stopped working';
  }
}

export function slices(count: number): string {
  return count === 1 ? 'slice' : 'slices';
}
