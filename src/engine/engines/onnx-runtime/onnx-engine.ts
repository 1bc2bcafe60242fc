import { type CancelSignal, throwIfCancelled } from '../../../core/cancel.ts';
import { CancelledError } from '../../../core/errors.ts';
import type { NetworkEngine, Predictor, Trainer, TrainingModel } from '../../../core/net/graph/network-engine.ts';
import type { LoweringTarget } from '../../../core/net/graph/tensor.ts';
import { deviceMemory } from '../../device/device-memory.ts';
import type { StartOptions } from '../engine-module.ts';
import { cpuTarget } from './channel-block.ts';
import { compileForCpu } from './compile-for-cpu.ts';
import { DeviceReader } from './device-reader.ts';
import { loadRuntime, type OnnxRuntime } from './load-runtime.ts';
import { OnnxPredictor } from './onnx-predictor.ts';
import { OnnxTrainer } from './onnx-trainer.ts';
import { type Provider, providers } from './providers.ts';
import { createSession, type SessionSettings } from './session.ts';

/**
 * Makes ONNX Runtime with one provider. Whether the provider starts shows when the first session is made.
 * @throws RuntimeMissingError
 */
export async function createOnnxEngine(provider: Provider, options: StartOptions = {}): Promise<OnnxEngine> {
  const { runtime: kind, onGpu } = providers[provider];
  const runtime = await loadRuntime(kind, options.threads);
  const target = onGpu ? 'portable' : await cpuTarget(runtime);
  const memoryBytes = onGpu ? await deviceMemory(provider === 'cuda' ? 'nvidia' : 'any') : undefined;
  return new OnnxEngine(runtime, { provider, ...options }, target, memoryBytes);
}

/**
 * These are two slices of 240x240, or 32 of 64x64, which was measured best with 2 MiB of second-level cache per core.
 */
const cachedPixels = 2 ** 17;

export class OnnxEngine implements NetworkEngine {
  readonly name: string;
  readonly onGpu: boolean;
  readonly target: LoweringTarget;
  readonly #runtime: OnnxRuntime;
  readonly #settings: SessionSettings;
  readonly #open = new Set<{ close(): Promise<void> }>();

  constructor(
    runtime: OnnxRuntime,
    settings: SessionSettings,
    target: LoweringTarget,
    readonly memoryBytes: number | undefined,
  ) {
    this.#runtime = runtime;
    this.#settings = settings;
    const { name, onGpu } = providers[settings.provider];
    this.name = name;
    this.onGpu = onGpu;
    this.target = target;
  }

  /**
   * @throws ProviderStartError
   * @throws ModelFormatError
   * @throws CancelledError
   */
  async createPredictor(model: Uint8Array, signal?: CancelSignal): Promise<Predictor> {
    throwIfCancelled(signal);
    const onCpu = this.#settings.provider === 'cpu';
    const graph = onCpu ? await compileForCpu(this.#runtime, model) : model;
    const session = await createSession(this.#runtime, graph, this.#settings);
    const pixelsPerRun = this.onGpu ? Number.POSITIVE_INFINITY : cachedPixels;
    // WASM copies a given place into its own memory, writes there, and leaves it at that.
    const givesPlaces = providers[this.#settings.provider].runtime === 'native';
    try {
      return await this.#register(new OnnxPredictor(this.#runtime, session, pixelsPerRun, givesPlaces), signal);
    } catch (error) {
      if (!(error instanceof CancelledError)) await session.release();
      throw error;
    }
  }

  /**
   * @throws ProviderStartError
   * @throws ModelFormatError
   * @throws WeightsMismatchError
   * @throws CancelledError
   */
  async createTrainer(model: TrainingModel, signal?: CancelSignal): Promise<Trainer> {
    throwIfCancelled(signal);
    const reader = new DeviceReader(this.#runtime, this.#settings);
    return this.#register(await OnnxTrainer.create(this.#runtime, model, this.#settings, reader), signal);
  }

  /** Closes what was created and not closed yet. */
  async close(): Promise<void> {
    await Promise.all([...this.#open].map((each) => each.close()));
  }

  /** Registers a predictor or trainer, which forgets itself here when it is closed; closing twice is harmless. */
  async #register<T extends Predictor | Trainer>(created: T, signal: CancelSignal | undefined): Promise<T> {
    const close = created.close.bind(created);
    let closing: Promise<void> | undefined;
    created.close = () => {
      closing ??= close();
      this.#open.delete(created);
      return closing;
    };
    this.#open.add(created);
    if (signal?.aborted) await created.close();
    throwIfCancelled(signal);
    return created;
  }
}
