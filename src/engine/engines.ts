import { availableParallelism } from 'node:os';
import type { EngineChoice, EngineList } from '../core/protocol/engine-contract.ts';
import { type ChosenEngine, chooseEngine } from './onnx-runtime/choose-engine.ts';
import { providerNames } from './onnx-runtime/session.ts';
import { PredictorCache } from './predictor-cache.ts';

/** The engines of this process: each started once, when first asked for, and kept. */
export class Engines {
  readonly predictors = new PredictorCache();
  readonly #chosen = new Map<string, Promise<ChosenEngine>>();
  readonly #explicitThreads: number | undefined;

  /** @param threads of the CPU; absent: all cores */
  constructor(
    threads: number | undefined,
    private readonly log: (message: string) => void,
  ) {
    this.#explicitThreads = threads;
  }

  /** Of one network on the CPU, where a job does not ask for others. */
  get threads(): number {
    return this.#explicitThreads ?? availableParallelism();
  }

  /**
   * @param threads where a job wants others than this process was started with
   * @throws ProviderStartError, RuntimeMissingError
   */
  get(choice: EngineChoice, threads = this.threads): Promise<ChosenEngine> {
    const key = `${choice} ${threads}`;
    const known = this.#chosen.get(key);
    if (known) return known;
    // ONNX Runtime places its threads better where their number is its own choice.
    const isOwnChoice = this.#explicitThreads === undefined && threads === this.threads;
    const starting = chooseEngine(choice, isOwnChoice ? {} : { threads });
    this.#chosen.set(key, starting);
    starting.then(
      ({ engine, reason }) => this.log(`${engine.name} (${choice}): ${reason}`),
      // The next request tries again: a driver may have been installed meanwhile.
      () => this.#chosen.delete(key),
    );
    return starting;
  }

  async list(): Promise<EngineList> {
    const automatic = await this.get('auto');
    const onGpu = automatic.engine.name === providerNames.webgpu;
    const id = onGpu ? 'webgpu' : 'cpu';
    return {
      engines: [
        {
          id: 'cpu',
          name: providerNames.cpu,
          available: true,
          reason: onGpu ? 'The GPU starts and is taken instead.' : '',
        },
        { id: 'webgpu', name: providerNames.webgpu, available: onGpu, reason: onGpu ? '' : automatic.reason },
      ],
      chosen: { id, name: automatic.engine.name },
    };
  }

  /** Closes every engine that started. */
  async close(): Promise<void> {
    await this.predictors.close();
    const started = [...this.#chosen.values()];
    this.#chosen.clear();
    for (const result of await Promise.allSettled(started)) {
      if (result.status === 'fulfilled') await result.value.engine.close();
    }
  }
}
