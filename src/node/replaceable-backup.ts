import { createHash } from 'node:crypto';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { saveBytesAtomically } from './atomic-save.ts';
import { isMissing } from './missing-file.ts';

/**
 * The backup of one document, at one path for good.
 *
 * VS Code gives every backup a new place, deletes the old one before it has noted the new one, and in a browser notes its
 * editors only every few seconds: a window that is reloaded asks for a backup that is gone, or for none. One path per
 * document holds the newest backup at any time and can be found without being told.
 */
export class ReplaceableBackup {
  readonly path: string;
  /** Of the latest `write`. */
  #newest = {};

  /** @param document what tells it from other documents, e.g. its URI */
  constructor(
    private readonly folder: string,
    document: string,
  ) {
    const name = createHash('sha256').update(document).digest('hex').slice(0, 32);
    this.path = join(folder, `${name}.edits`);
  }

  /** Null: there is none. @throws the file system's error */
  async read(): Promise<Uint8Array | null> {
    try {
      return await readFile(this.path);
    } catch (error) {
      if (isMissing(error)) return null;
      throw error;
    }
  }

  /**
   * Takes the place of the backup before it, atomically.
   * @returns removes this one, unless a newer one has taken its place
   * @throws FileAccessError
   */
  async write(bytes: Uint8Array): Promise<() => Promise<void>> {
    const written = {};
    this.#newest = written;
    await mkdir(this.folder, { recursive: true });
    await saveBytesAtomically(this.path, bytes);
    return async () => {
      if (this.#newest === written) await this.remove();
    };
  }

  async remove(): Promise<void> {
    await rm(this.path, { force: true });
  }
}
