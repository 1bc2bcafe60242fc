import { writeSync } from 'node:fs';
import {
  constants,
  copyFile,
  cp,
  type FileHandle,
  link,
  lstat,
  mkdir,
  open,
  readlink,
  rename,
  rm,
  rmdir,
  symlink,
} from 'node:fs/promises';
import { dirname, isAbsolute, relative, resolve } from 'node:path';
import { stringifyRecord } from '../../core/cohort/records/cohort-record.ts';
import { type PreparedFile, patiently, prepareFile, putInPlace, syncFolder } from './atomic-save.ts';
import { checkWay } from './check-way.ts';
import { inWords, withFileErrors } from './file-errors.ts';

/** Windows has no such flag, and needs none: what is opened is looked at before. */
const NO_FOLLOW = constants.O_NOFOLLOW ?? 0;

/**
 * A folder that the user chose, whose content may come from a stranger (a clone, an archive, a share). Everything that
 * is written, renamed or deleted below it goes through here, and stays below it: links on the way are refused.
 *
 * All paths are absolute. Every method throws UnsafePathError where a path leads out, and FileAccessError.
 */
export class GuardedFolder {
  /**
   * @param root the folder that the user named; a link there, or above it, is the user's own
   * @param within the guarded folder that `root` lies in, where we chose the name of `root` and the user only made a
   * link of it
   */
  constructor(
    readonly root: string,
    private readonly within?: GuardedFolder,
  ) {}

  /** Guards a folder below this one that the user may have put elsewhere by a link (a cache on a scratch disk). */
  allowingLink(root: string): GuardedFolder {
    return new GuardedFolder(root, this);
  }

  /** Checks that something may be written at `path`. */
  async check(path: string): Promise<void> {
    await this.within?.check(dirname(this.root));
    await checkWay(this.root, path);
  }

  /** Makes a folder and those above it, where they are missing. */
  async makeFolder(path: string): Promise<void> {
    await this.check(path);
    await withFileErrors('write', path, mkdir(path, { recursive: true }));
  }

  /** Makes a new folder in one that exists. @returns false if the name is taken */
  async makeNewFolder(path: string): Promise<boolean> {
    await this.check(path);
    try {
      await mkdir(path);
      return true;
    } catch (error) {
      if (isTaken(error)) return false;
      throw inWords('write', path, error);
    }
  }

  /** Does what `prepareFile` does. The folder must exist. */
  async prepare(path: string, write: (handle: FileHandle) => Promise<void>): Promise<PreparedFile> {
    await this.check(path);
    return prepareFile(path, write);
  }

  /** Does what `saveAtomically` does: there is the old file or the whole new one. The folder must exist. */
  async save(path: string, write: (handle: FileHandle) => Promise<void>): Promise<void> {
    const prepared = await this.prepare(path, write);
    await putInPlace(prepared);
  }

  async saveBytes(path: string, bytes: Uint8Array): Promise<void> {
    await this.save(path, async (handle) => {
      await handle.writeFile(bytes);
    });
  }

  async saveText(path: string, text: string): Promise<void> {
    await this.saveBytes(path, new TextEncoder().encode(text));
  }

  /** Writes a JSON record. */
  async saveRecord(path: string, record: Readonly<Record<string, unknown>>): Promise<void> {
    await this.saveText(path, stringifyRecord(record));
  }

  /** Writes a new file. @returns false if the name is taken, even by a link; that stays as it is */
  async create(path: string, text: string): Promise<boolean> {
    await this.check(dirname(path));
    return createFile(path, text);
  }

  /** Opens a file to read it and to write at its end, and makes it where it is missing. The caller closes it. */
  async openToAppend(path: string): Promise<FileHandle> {
    await this.check(path);
    const { O_RDWR, O_CREAT, O_APPEND } = constants;
    return withFileErrors('write', path, open(path, O_RDWR | O_CREAT | O_APPEND | NO_FOLLOW, 0o666));
  }

  /**
   * Opens an existing file so that lines can be appended without waiting, for a caller that cannot wait. Errors of
   * writing are those of the file system.
   */
  async openLines(path: string): Promise<LineFile> {
    await this.check(path);
    const { O_WRONLY, O_APPEND } = constants;
    return new LineFile(await withFileErrors('write', path, open(path, O_WRONLY | O_APPEND | NO_FOLLOW)));
  }

  /**
   * Gives its name to a file that was prepared here. @returns false if the name is taken; what has it stays as it is
   */
  async putIfFree({ temporary, target }: PreparedFile): Promise<boolean> {
    await this.check(target);
    try {
      // Unlike renaming, linking refuses a name that is taken.
      await link(temporary, target);
      return true;
    } catch (error) {
      if (isTaken(error)) return false;
    }
    // exFAT, FAT and some network disks have no links, and each system has another error for it.
    if (await isAnything(target)) return false;
    await withFileErrors('write', target, rename(temporary, target));
    return true;
  }

  /**
   * Copies a file to a free name in a folder that exists.
   * @param mode as `copyFile` takes it
   * @throws the file system's error too
   */
  async copyHere(source: string, to: string, mode: number): Promise<void> {
    await this.check(to);
    // A link that came to lie there meanwhile is not followed.
    await copyFile(source, to, mode | constants.COPYFILE_EXCL);
  }

  /** Gives a file a second, free name (a hard link) in a folder that exists. @throws the file system's error too */
  async linkHere(source: string, to: string): Promise<void> {
    await this.check(to);
    await link(source, to);
  }

  /** Moves a file or a folder to a free name in another guarded folder, or elsewhere in this one. */
  async moveTo(target: GuardedFolder, from: string, to: string): Promise<void> {
    await this.check(from);
    await target.makeFolder(dirname(to));
    await target.check(to);
    try {
      await patiently(() => rename(from, to));
    } catch (error) {
      const isOtherDisk = error instanceof Error && 'code' in error && error.code === 'EXDEV';
      if (!isOtherDisk) throw inWords('write', to, error);
      await withFileErrors('write', to, cp(from, to, { recursive: true, errorOnExist: true, force: false }));
      await withFileErrors('write', from, rm(from, { recursive: true, force: true }));
    }
    await withFileErrors('write', to, syncFolder(dirname(to)));
  }

  /** Moves a link that the user made, as `moveTo` does; what it leads to stays where it is. */
  async moveLinkTo(target: GuardedFolder, from: string, to: string): Promise<void> {
    await this.#checkHolder(from);
    await target.makeFolder(dirname(to));
    const said = await withFileErrors('read', from, readlink(from));
    if (dirname(from) === dirname(to)) await withFileErrors('write', to, rename(from, to));
    else {
      // The text of a link counts from the folder of the link.
      const meant = isAbsolute(said) ? said : relative(dirname(to), resolve(dirname(from), said));
      await withFileErrors('write', to, symlink(meant, to));
      await withFileErrors('write', from, rm(from));
    }
    await withFileErrors('write', to, syncFolder(dirname(to)));
  }

  async rename(from: string, to: string): Promise<void> {
    await this.check(from);
    await this.check(to);
    await withFileErrors('write', to, rename(from, to));
  }

  /** Removes a file, or a link itself. It is no error if there is none. */
  async removeFile(path: string): Promise<void> {
    await this.#checkHolder(path);
    await withFileErrors(
      'write',
      path,
      patiently(() => rm(path, { force: true })),
    );
  }

  /** Removes a folder that we made, with everything in it, or a link itself. It is no error if there is none. */
  async removeFolder(path: string): Promise<void> {
    await this.#checkHolder(path);
    // This removes the links in the folder, and nothing behind them.
    await withFileErrors('write', path, rm(path, { recursive: true, force: true }));
  }

  /** Removes a folder if it is empty. */
  async removeIfEmpty(path: string): Promise<void> {
    await this.#checkHolder(path);
    await rmdir(path).catch(() => undefined);
  }

  /**
   * Checks that what lies at `path`, even a link, may be removed: the folder that holds it is in this one, or is this
   * one.
   */
  async #checkHolder(path: string): Promise<void> {
    await (path === this.root ? this.within?.check(dirname(path)) : this.check(dirname(path)));
  }
}

/** A file that lines are appended to. */
export class LineFile {
  constructor(private handle: FileHandle | undefined) {}

  /** Appends the line before it returns. @throws the file system's error */
  append(line: string): void {
    if (this.handle) writeSync(this.handle.fd, line);
  }

  /** Closes the file; it may be called more than once. */
  async close(): Promise<void> {
    const { handle } = this;
    this.handle = undefined;
    await handle?.close();
  }
}

/** Tells whether the name is taken, even by a link that leads nowhere. */
function isAnything(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}

/**
 * Creates a file with this content. If it cannot be written whole (because the disk is full), it is removed again.
 * @returns false if it exists already
 * @throws FileAccessError
 */
async function createFile(path: string, text: string): Promise<boolean> {
  let file: FileHandle;
  try {
    file = await open(path, 'wx');
  } catch (error) {
    if (isTaken(error)) return false;
    throw inWords('write', path, error);
  }
  try {
    await file.writeFile(text);
  } catch (error) {
    await rm(path, { force: true }).catch(() => undefined);
    throw inWords('write', path, error);
  } finally {
    await file.close();
  }
  return true;
}

function isTaken(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EEXIST';
}
