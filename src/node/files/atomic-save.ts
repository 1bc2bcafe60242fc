import { access, constants, type FileHandle, open, readlink, realpath, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { VoxelLoopError } from '../../core/errors.ts';
import { fileAccessError } from './file-access-error.ts';
import { temporaryName } from './temporary-names.ts';

/**
 * Writes a file so that at any moment, power cuts included, `path` is either the old file or the whole new one: the
 * content goes to a temporary file in the same folder, is flushed to the disk, and takes the name by renaming. A file
 * that exists keeps its mode; a symbolic link stays one, and its target is replaced.
 *
 * If anything fails, `path` is as it was and the temporary file is removed.
 *
 * This is only for places that the user chose (an export). What lies in a cohort may have come from a stranger, and is
 * written through `GuardedFolder`.
 *
 * @param write fills the temporary file; errors that are `VoxelLoopError`s pass through
 * @throws FileAccessError
 */
export async function saveAtomically(path: string, write: (handle: FileHandle) => Promise<void>): Promise<void> {
  await putInPlace(await prepareFile(path, write));
}

/** A file that is written and flushed to the disk, but has not taken its name yet. */
export interface PreparedFile {
  readonly temporary: string;
  /** The file will take this name. */
  readonly target: string;
}

/**
 * The first half of `saveAtomically`, after which `path` is still as it was. End it with `putInPlace` or
 * `discardPrepared`. @throws FileAccessError
 */
export async function prepareFile(path: string, write: (handle: FileHandle) => Promise<void>): Promise<PreparedFile> {
  let temporary: string | undefined;
  try {
    const target = await linkTarget(path);
    const mode = await fileMode(target);
    // Where the folder can be written, renaming would replace even a write-protected file.
    if (mode !== undefined) await access(target, constants.W_OK);
    temporary = join(dirname(target), temporaryName(target));
    const handle = await open(temporary, 'wx', mode ?? 0o666);
    try {
      await write(handle);
      // The mode given to `open` is reduced by the umask.
      if (mode !== undefined) await handle.chmod(mode);
      await handle.sync();
    } finally {
      await handle.close();
    }
    return { temporary, target };
  } catch (error) {
    if (temporary) await rm(temporary, { force: true });
    throw error instanceof VoxelLoopError ? error : fileAccessError('write', path, error);
  }
}

/**
 * The second half of `saveAtomically`. @throws FileAccessError; the target is then as it was, and the temporary file is
 * removed
 */
export async function putInPlace({ temporary, target }: PreparedFile): Promise<void> {
  try {
    await renameOver(temporary, target);
    await syncFolder(dirname(target));
  } catch (error) {
    await rm(temporary, { force: true });
    throw fileAccessError('write', target, error);
  }
}

export async function discardPrepared({ temporary }: PreparedFile): Promise<void> {
  await rm(temporary, { force: true });
}

/** Saves `bytes` as `saveAtomically` does. @throws FileAccessError */
export async function saveBytesAtomically(path: string, bytes: Uint8Array): Promise<void> {
  await saveAtomically(path, async (handle) => {
    await handle.writeFile(bytes);
  });
}

/** The place that `path` leads to in the end, also where the last link dangles. */
async function linkTarget(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  try {
    return await linkTarget(resolve(dirname(path), await readlink(path)));
  } catch (error) {
    // Nothing exists at this place, so the file will be new.
    if (isMissing(error)) return resolve(path);
    throw error;
  }
}

async function fileMode(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).mode & 0o7777;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

function renameOver(from: string, to: string): Promise<void> {
  return patiently(() => rename(from, to));
}

/**
 * Tries a change again for a while, because Windows refuses to replace or remove a file while another program (a virus
 * scanner, an indexer) has it open.
 */
export async function patiently(change: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await change();
    } catch (error) {
      const busy = process.platform === 'win32' && ['EPERM', 'EACCES', 'EBUSY'].includes(systemCode(error));
      if (!busy || attempt === 6) throw error;
      await sleep(20 * 2 ** attempt);
    }
  }
}

/** A new name is on the disk only when its folder is flushed. Windows and some network disks cannot flush folders. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  let handle: FileHandle | undefined;
  try {
    handle = await open(folder, 'r');
    await handle.sync();
  } catch (error) {
    if (!['EINVAL', 'ENOTSUP', 'EPERM', 'EBADF', 'EACCES'].includes(systemCode(error))) throw error;
  } finally {
    await handle?.close();
  }
}

function isMissing(error: unknown): boolean {
  return systemCode(error) === 'ENOENT';
}

function systemCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
