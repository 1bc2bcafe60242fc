import { type EngineId, engineId } from '../../core/engines/engine-id.ts';
import type { EngineFolders } from '../../core/engines/engine-packages.ts';
import type { NetworkEngine } from '../../core/net/graph/network-engine.ts';
import type { EngineModule, EngineTraits, StartOptions } from '../engines/engine-module.ts';
import { engineModules } from '../engines/registry.ts';

/** The engines that there can be in this process. */
export class KnownEngines {
  readonly #modules: ReadonlyMap<EngineId, EngineModule>;

  /** @param folders where the packages of engines were installed that need one */
  constructor(folders: EngineFolders = {}) {
    this.#modules = new Map(engineId.options.map((id) => [id, engineModules[id](folders[id])]));
  }

  /** Lists the engines that are possible on this machine, the one that is most likely fastest first. */
  candidates(): readonly EngineId[] {
    return engineId.options.filter((id) => this.#module(id).isPossible);
  }

  /**
   * Returns the engine that the others are compared with: the first that can be compared with and runs, which in most
   * places is the native CPU.
   */
  async reference(): Promise<EngineId> {
    const references = engineId.options.filter((id) => this.traits(id).isReference);
    const possible = this.candidates();
    for (const id of references) {
      if (possible.includes(id) && (await this.obstacle(id)) === undefined) return id;
    }
    return references.at(-1) as EngineId;
  }

  /** Says in a few words why an engine cannot be tried at all. It is undefined where it can. */
  async obstacle(id: EngineId): Promise<string | undefined> {
    return this.#module(id).obstacle();
  }

  /**
   * @throws EnginePackageError
   * @throws RuntimeMissingError
   */
  async start(id: EngineId, options: StartOptions = {}): Promise<NetworkEngine> {
    return this.#module(id).start(options);
  }

  traits(id: EngineId): EngineTraits {
    return this.#module(id).traits;
  }

  /**
   * Says what a verdict on this engine is about: its name, and what it consists of besides what comes with Voxel Loop.
   */
  subject(id: EngineId): string {
    const parts = this.#module(id).parts();
    return parts === '' ? id : `${id}: ${parts}`;
  }

  /** Says what verdicts on all engines depend on besides Voxel Loop's own programs. */
  sharedParts(): readonly string[] {
    return [...this.#modules.values()].flatMap((module) => module.sharedParts());
  }

  #module(id: EngineId): EngineModule {
    return this.#modules.get(id) as EngineModule;
  }
}
