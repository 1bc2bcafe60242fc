import type { EngineChoice, EngineId } from '../../core/engines/engine-id.ts';
import type { EngineInUse } from '../../core/protocol/engine/engine-report.ts';
import { EngineDiedError } from './engine-died-error.ts';

interface EngineWishes {
  readonly engine?: EngineChoice | undefined;
  readonly without?: EngineId[] | undefined;
}

/**
 * Remembers which engines took their compute process down while they predicted, so that `auto` does not take them again
 * and again: a driver that crashes on one image does so on the next try. It remembers this as long as the program
 * lives, and does not change what an engine is worth otherwise.
 *
 * An engine that was asked for by name is still used: the error then says where it was set.
 */
export class EngineDeaths {
  readonly #engines = new Set<EngineId>();

  /**
   * @param ask sends the request with the given wishes about engines, and says which engine runs as soon as that is
   * known
   * @throws EngineDiedError that names the engine that ran; what `ask` throws
   */
  async watch<Params extends EngineWishes, Result>(
    params: Params,
    ask: (params: Params, runs: (engine: EngineInUse | undefined) => void) => Promise<Result>,
  ): Promise<Result> {
    const isAuto = (params.engine ?? 'auto') === 'auto';
    const without = [...new Set([...(params.without ?? []), ...this.#engines])];
    let running: EngineInUse | undefined;
    try {
      return await ask(isAuto && without.length > 0 ? { ...params, without } : params, (engine) => {
        running = engine ?? running;
      });
    } catch (error) {
      if (!(error instanceof EngineDiedError) || running === undefined) throw error;
      if (!isAuto) throw EngineDiedError.ofChosen(error.exit, running.name);
      if (running.isReference) throw error;
      this.#engines.add(running.id);
      throw EngineDiedError.ofReplaceable(error.exit, running.name);
    }
  }
}
