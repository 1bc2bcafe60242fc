import { type Dirent, type FSWatcher, watch } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';

/** The folder may be a whole disk: only so many folders in it are watched. */
const MAX_FOLDERS = 50_000;

/** Linux is the only system that watches a folder without all that is below it. */
const ONE_FOLDER_AT_A_TIME = process.platform === 'linux';

/**
 * Tells which files below a folder are made, changed or deleted.
 *
 * VS Code's own watcher does not suffice on Linux: where folders inside one another are made at once (`mkdir -p`, a
 * copied or unpacked cohort, our own first `.voxel-loop/proposals/case`) it often watches only the outermost, and
 * nothing that happens below is reported as long as the window is open. Here a new folder is watched first and then
 * listed, so that nothing is missed.
 */
export class FolderWatch {
  readonly #watchers = new Map<string, FSWatcher>();
  #isClosed = false;
  /** This resolves when all folders that existed at the start are watched. */
  readonly ready: Promise<void>;

  /**
   * @param root an absolute path
   * @param enters tells whether changes in this folder (its path in `root`) are to be reported too
   * @param hear is called with the absolute path of what changed (a file or a folder, which may be gone); undefined
   * means
   * that something changed somewhere, so that everything has to be looked at
   */
  constructor(
    root: string,
    private readonly enters: (folder: string) => boolean,
    private readonly hear: (path: string | undefined) => void,
  ) {
    this.ready = ONE_FOLDER_AT_A_TIME ? this.#start(root) : this.#watchAllOf(root);
  }

  close(): void {
    this.#isClosed = true;
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }

  async #watchAllOf(root: string): Promise<void> {
    this.#watch(root, true, (name) => {
      const parts = name.split(sep);
      const folders = parts.slice(0, -1).map((_, depth) => parts.slice(0, depth + 1).join(sep));
      if (folders.every(this.enters)) this.hear(join(root, name));
    });
  }

  async #start(root: string): Promise<void> {
    const start = Date.now();
    let changedMeanwhile = false;
    await this.#add(root, '', async (path) => {
      const found = await stat(path).catch(() => null);
      // File systems have coarser clocks than ours.
      changedMeanwhile ||= (found?.mtimeMs ?? start) > start - 100;
    });
    // Something was made before its folder was watched, and after the listener had looked there.
    if (changedMeanwhile && !this.#isClosed) this.hear(undefined);
  }

  /** Watches the folder `root`/`folder` and everything below it. */
  async #add(root: string, folder: string, onFolder: (path: string) => Promise<void> | void): Promise<void> {
    const path = join(root, folder);
    if (this.#isClosed || this.#watchers.size >= MAX_FOLDERS) return;
    const isWatched = this.#watch(path, false, (name, isNamed) => {
      this.hear(join(path, name));
      if (isNamed) void this.#lookAt(root, join(folder, name));
    });
    if (!isWatched) return;
    await onFolder(path);
    const entries = await readdir(path, { withFileTypes: true }).catch((): Dirent[] => []);
    for (const entry of entries) {
      const inside = join(folder, entry.name);
      if (this.enters(inside) && (await isFolder(entry, join(root, inside)))) await this.#add(root, inside, onFolder);
    }
  }

  /** A name in a watched folder is new, or stands for something else than before, or for nothing. */
  async #lookAt(root: string, folder: string): Promise<void> {
    const path = join(root, folder);
    if (!this.enters(folder)) return;
    const wasFolder = this.#watchers.has(path);
    if (!wasFolder && !(await stat(path).catch(() => null))?.isDirectory()) return;
    for (const [watched, watcher] of this.#watchers) {
      if (watched !== path && !watched.startsWith(path + sep)) continue;
      watcher.close();
      this.#watchers.delete(watched);
    }
    // Everything in the folder may have gone with it.
    if (wasFolder) this.hear(undefined);
    await this.#add(root, folder, async (added) => {
      for (const name of await readdir(added).catch(() => [])) this.hear(join(added, name));
    });
  }

  /** @returns false if the folder does not exist (any more), or the system watches no further folders */
  #watch(path: string, recursive: boolean, hear: (name: string, isNamed: boolean) => void): boolean {
    try {
      const watcher = watch(path, { persistent: false, recursive }, (event, name) => {
        if (name === null) this.hear(undefined);
        else hear(name, event === 'rename');
      });
      // Windows reports an error when the folder is deleted.
      watcher.on('error', () => watcher.close());
      // Two looks at the same new folder may both get here.
      this.#watchers.get(path)?.close();
      this.#watchers.set(path, watcher);
      return true;
    } catch {
      return false;
    }
  }
}

async function isFolder(entry: Dirent, path: string): Promise<boolean> {
  if (!entry.isSymbolicLink()) return entry.isDirectory();
  return (await stat(path).catch(() => null))?.isDirectory() ?? false;
}
