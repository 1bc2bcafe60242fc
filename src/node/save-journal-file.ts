import { type FileHandle, open, readFile, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseSaveJournal, type SaveJournal, serializeSaveJournal } from '../core/cohort/records/save-journal.ts';
import { patiently, syncFolder } from './atomic-save.ts';
import { fileAccessError } from './file-access-error.ts';
import { isMissing } from './missing-file.ts';

/** A save that has not ended after this long was interrupted: between its files it does nothing that takes time. */
const ABANDONED_MS = 5000;
const LOOK_EVERY_MS = 50;

/**
 * The journal of saves of one case. While it is there, a save runs or was interrupted; so it also keeps two windows from
 * saving one case at the same moment.
 */
export class SaveJournalFile {
  /** @param path absolute */
  constructor(private readonly path: string) {}

  /** Null where no save runs or was interrupted, and where one was interrupted while it wrote this. @throws FileAccessError */
  async read(): Promise<SaveJournal | null> {
    try {
      return parseSaveJournal(await readFile(this.path, 'utf8'));
    } catch (error) {
      if (isMissing(error)) return null;
      throw fileAccessError('read', this.path, error);
    }
  }

  /** Whether it is there, and nobody works on it any more. @throws FileAccessError */
  async isAbandoned(): Promise<boolean> {
    const age = await this.#ageMs();
    return age !== null && age > ABANDONED_MS;
  }

  /**
   * Begins a save. The folder is there.
   * @returns false if another one has begun and not ended
   * @throws FileAccessError
   */
  async begin(entry: Omit<SaveJournal, 'version'>): Promise<boolean> {
    let file: FileHandle;
    try {
      file = await open(this.path, 'wx');
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
      throw fileAccessError('write', this.path, error);
    }
    try {
      try {
        await file.writeFile(serializeSaveJournal(entry));
        await file.sync();
      } finally {
        await file.close();
      }
      await syncFolder(dirname(this.path));
      return true;
    } catch (error) {
      await patiently(() => rm(this.path, { force: true })).catch(() => undefined);
      throw fileAccessError('write', this.path, error);
    }
  }

  /**
   * Waits for the save that runs.
   * @returns false when it has ended; true when it was interrupted, whatever the clock of the disk says
   */
  async outlivesItsSave(): Promise<boolean> {
    const began = performance.now();
    for (;;) {
      const age = await this.#ageMs();
      if (age === null) return false;
      if (age > ABANDONED_MS || performance.now() - began > ABANDONED_MS) return true;
      await sleep(LOOK_EVERY_MS);
    }
  }

  /** The save has ended. */
  async end(): Promise<void> {
    try {
      await patiently(() => rm(this.path, { force: true }));
    } catch (error) {
      throw fileAccessError('write', this.path, error);
    }
  }

  /** Null: it is not there. */
  async #ageMs(): Promise<number | null> {
    try {
      return Date.now() - (await stat(this.path)).mtimeMs;
    } catch (error) {
      if (isMissing(error)) return null;
      throw fileAccessError('read', this.path, error);
    }
  }
}
