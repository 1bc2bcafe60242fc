import type { EngineChoice, EngineList } from '../core/protocol/engine-contract.ts';
import { type ChosenEngine, chooseEngine } from './onnx-runtime/choose-engine.ts';
import { providerNames } from './onnx-runtime/session.ts';
import { PredictorCache } from './predictor-cache.ts';

/** The engines of this process: each started once, when first asked for, and kept. */
export class Engines {
  readonly predictors = new PredictorCache();
  readonly #chosen = new Map<EngineChoice, Promise<ChosenEngine>>();

  /** @param threads of the CPU; absent: all cores */
  constructor(
    private readonly threads: number | undefined,
    private readonly log: (message: string) => void,
  ) {}

  /** @throws ProviderStartError, RuntimeMissingError */
  get(choice: EngineChoice): Promise<ChosenEngine> {
    const known = this.#chosen.get(choice);
    if (known) return known;
    const starting = chooseEngine(choice, this.threads === undefined ? {} : { threads: this.threads });
    this.#chosen.set(choice, starting);
    starting.then(
      ({ engine, reason }) => this.log(`${engine.name} (${choice}): ${reason}`),
      // The next request tries again: a driver may have been installed meanwhile.
      () => this.#chosen.delete(choice),
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
