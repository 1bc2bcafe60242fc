import { createHash, randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { access, copyFile, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { VoxelLoopError } from '../../../core/errors.ts';
import { saveBytesAtomically } from '../../files/atomic-save.ts';
import { bytesIfThere, isMissing } from '../../files/missing-file.ts';

/** Backups that belong to no document have names with this beginning. */
const SET_ASIDE = 'kept-';

/** Half a year: unsaved work is kept this long for an image that was not opened again. */
const FORGOTTEN_AFTER_MS = 183 * 24 * 3_600_000;

/**
 * Another window has written its own backup to this place, or removed the one that lay there, so that nothing can be
 * appended to ours.
 */
export class BackupReplacedError extends VoxelLoopError {
  readonly code = 'backup-replaced';
}

/** These facts tell whether anybody else has written a file since. */
interface FileState {
  readonly ino: number;
  readonly size: number;
}

/** The state that the edits of a backup start from. Many backups start from one state, which is written once. */
export interface BackupState {
  readonly name: string;
  readonly bytes: () => Uint8Array;
}

/**
 * The backup of one document, at one path for good, and beside it the state that its edits start from.
 *
 * VS Code gives every backup a new place, deletes the old one before it has noted the new one, and in a browser notes
 * its editors only every few seconds: a window that is reloaded asks for a backup that is gone, or for none. One path
 * per document holds the newest backup at any time and can be found without being told.
 */
export class ReplaceableBackup {
  readonly path: string;
  /** Identifies the latest `write`. */
  #newest = {};
  /** The file as this object has left it. */
  #left: FileState | undefined;
  /** The file as this object has read it, with work that was brought back from there. */
  #read: FileState | undefined;
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(
    private readonly folder: string,
    private readonly stem: string,
  ) {
    this.path = join(folder, `${stem}.edits`);
  }

  /** @param document what distinguishes it from other documents, e.g. its URI */
  static of(folder: string, document: string): ReplaceableBackup {
    return new ReplaceableBackup(folder, createHash('sha256').update(document).digest('hex').slice(0, 32));
  }

  /** The backup with this `path`. */
  static at(path: string): ReplaceableBackup {
    return new ReplaceableBackup(dirname(path), basename(path, '.edits'));
  }

  /** All backups that lie in the folder, of any document, the newest first. @throws the file system's error */
  static async all(folder: string): Promise<ReplaceableBackup[]> {
    const names = (await namesIn(folder)).filter((name) => name.endsWith('.edits'));
    const dated = await Promise.all(
      names.map(async (name) => ({ name, mtimeMs: (await stat(join(folder, name)).catch(() => null))?.mtimeMs ?? 0 })),
    );
    dated.sort((a, b) => b.mtimeMs - a.mtimeMs);
    return dated.map(({ name }) => new ReplaceableBackup(folder, name.slice(0, -'.edits'.length)));
  }

  /** Removes the backups that were set aside and that nobody has come back for. @throws the file system's error */
  static async removeForgotten(folder: string, nowMs = Date.now()): Promise<void> {
    for (const backup of await ReplaceableBackup.all(folder)) {
      if (!backup.isSetAside) continue;
      const found = await stat(backup.path).catch(() => null);
      // Its name was changed when it was set aside, and its content before that.
      if (found && nowMs - Math.max(found.mtimeMs, found.ctimeMs) > FORGOTTEN_AFTER_MS) await backup.remove();
    }
  }

  /** True if it belongs to no document any more (see `setAside`). */
  get isSetAside(): boolean {
    return this.stem.startsWith(SET_ASIDE);
  }

  /** Keeps it for good under a name that no document asks for. @returns the backup at its new place */
  async setAside(): Promise<ReplaceableBackup> {
    const kept = new ReplaceableBackup(this.folder, `${SET_ASIDE}${randomUUID()}`);
    await this.#inTurn(async () => {
      // The state that the edits start from goes first: edits are never there without it.
      for (const name of await this.#stateNames()) {
        await copyFile(join(this.folder, name), join(this.folder, name.replace(this.stem, kept.stem)));
      }
      await rename(this.path, kept.path);
      await this.#removeStates();
    });
    return kept;
  }

  /** The edits; they are null if there is no backup. @throws the file system's error */
  async read(): Promise<Uint8Array | null> {
    // The state is taken before the content, because whatever is written meanwhile is somebody else's.
    const found = await stat(this.path).catch(() => null);
    const bytes = await bytesIfThere(this.path);
    this.#read = found && bytes?.length === found.size ? { ino: found.ino, size: found.size } : undefined;
    return bytes;
  }

  /** The saved state of this name; it is null if it is gone. @throws the file system's error */
  readState(name: string): Promise<Uint8Array | null> {
    return bytesIfThere(this.statePath(name));
  }

  statePath(name: string): string {
    return join(this.folder, `${this.stem}.${name}.state`);
  }

  /**
   * Takes the place of the backup before it, atomically. The edits are there only together with what they start from.
   * @returns removes this backup, unless a newer one has taken its place
   * @throws FileAccessError
   */
  async write(edits: Uint8Array, state: BackupState): Promise<() => Promise<void>> {
    const written = {};
    this.#newest = written;
    await this.#inTurn(async () => {
      await mkdir(this.folder, { recursive: true });
      const statePath = this.statePath(state.name);
      if (!(await isThere(statePath))) await saveBytesAtomically(statePath, state.bytes());
      await saveBytesAtomically(this.path, edits);
      const { ino } = await stat(this.path);
      this.#left = { ino, size: edits.length };
      await this.#removeStates(basename(statePath));
    });
    return async () => {
      if (this.#newest === written) await this.removeOwn();
    };
  }

  /**
   * Appends to the newest backup. Whoever reads it after this process has died finds the addition, but after a power
   * failure it may be missing: it costs no more than a call of the system.
   * @throws BackupReplacedError if nothing was written; the file system's error, when part of `edits` may have been
   * written
   */
  append(edits: Uint8Array): Promise<void> {
    return this.#inTurn(async () => {
      // The file is not created here: edits alone, without what they start from, would be of no use.
      const file = await open(this.path, constants.O_WRONLY | constants.O_APPEND).catch((error: unknown) => {
        throw isMissing(error) ? new BackupReplacedError(`${this.path} was removed by another window.`) : error;
      });
      try {
        // Windows without a folder have one place for their backups, and two of them may show one image.
        const { ino, size } = await file.stat();
        if (!isSame({ ino, size }, this.#left)) {
          throw new BackupReplacedError(`${this.path} is the backup of another window by now.`);
        }
        await file.writeFile(edits);
        this.#left = { ino, size: size + edits.length };
      } finally {
        await file.close();
      }
    });
  }

  /**
   * Removes the backup if this object has written or read it, and nobody has written to it since. @throws the file
   * system's error
   */
  async removeOwn(): Promise<void> {
    await this.#inTurn(async () => {
      const found = await stat(this.path).catch(() => null);
      // Another window has the same place, and its unsaved work may be there by now.
      if (!found || !(isSame(found, this.#left) || isSame(found, this.#read))) return;
      await rm(this.path, { force: true });
      await this.#removeStates();
    });
  }

  /** Removes the backup, whoever wrote it. @throws the file system's error */
  async remove(): Promise<void> {
    await this.#inTurn(async () => {
      await rm(this.path, { force: true });
      await this.#removeStates();
    });
  }

  async #removeStates(except?: string): Promise<void> {
    for (const name of await this.#stateNames()) {
      if (name !== except) await rm(join(this.folder, name), { force: true });
    }
  }

  async #stateNames(): Promise<string[]> {
    const names = await namesIn(this.folder);
    return names.filter((name) => name.startsWith(`${this.stem}.`) && name.endsWith('.state'));
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const run = this.#turn.then(work);
    this.#turn = run.catch(() => undefined);
    return run;
  }
}

function isSame(found: FileState, known: FileState | undefined): boolean {
  return found.ino === known?.ino && found.size === known.size;
}

function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch((error: unknown) => {
    if (isMissing(error)) return [];
    throw error;
  });
}

function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
