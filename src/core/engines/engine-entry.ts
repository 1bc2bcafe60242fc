/** What is known of an engine in every process of the product. The module that runs it lies in `src/engine/engines`. */
export interface EngineEntry {
  /** Settings, the command line and records of runs name the engine so: it never changes. */
  readonly id: string;
  /** The setting `voxelLoop.engine` describes the engine so. */
  readonly description: string;
  /**
   * The package that the user has to install for it. It is absent where the engine needs none, or finds it by itself.
   */
  readonly package?: EnginePackage;
}

/**
 * A package in a folder that the user names: `--<id>` on the command line, the setting `voxelLoop.<id>.path`. The
 * command that installs it (`node/engines`) puts it into the folder `<id>` of the extension's own storage.
 */
export interface EnginePackage {
  /** Messages call the engine so. */
  readonly title: string;
  /** The library that the user installs, by its own name. */
  readonly library: string;
  /** The library by the names of its packages. */
  readonly packages: string;
  /** The name of the command that installs it, without the prefix `voxelLoop`. */
  readonly installCommand: string;
}
