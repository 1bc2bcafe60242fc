import { closeSync, constants, fstatSync, openSync, type Stats, statSync } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { FileAccessError } from './file-access-error.ts';

/** Texts and records are far smaller; a longer file is something else, and parsing it would take long. */
const MOST_TEXT_BYTES = 32 << 20;

/**
 * Opens a file to read it. Whatever reads files goes through here, because a path may lead to something else: reading a
 * named pipe waits for ever, and a device may never end. Links are followed.
 *
 * @throws FileAccessError if it is no file; the system's error (`isMissing`) where it cannot be opened
 */
export async function openRegularFile(path: string): Promise<FileHandle> {
  // It is checked before it is opened, because merely opening a device can have effects, and again afterwards, because
  // something else may lie there by then.
  checkIsFile(path, await stat(path));
  const handle = await open(path, READ_WITHOUT_WAITING);
  try {
    checkIsFile(path, await handle.stat());
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/**
 * Does what `openRegularFile` does, for a thread that waits for its files. @returns the descriptor @throws what
 * `openRegularFile` throws
 */
export function openRegularFileSync(path: string): number {
  checkIsFile(path, statSync(path));
  const descriptor = openSync(path, READ_WITHOUT_WAITING);
  try {
    checkIsFile(path, fstatSync(descriptor));
    return descriptor;
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
}

/** Without this flag, opening a named pipe waits for its writer. Windows has neither. */
const READ_WITHOUT_WAITING = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/**
 * Reads what a file holds.
 * @param mostBytes a longer file is refused
 * @throws FileAccessError if it is no file, or longer; the system's error (`isMissing`)
 */
export async function readRegularFile(path: string, mostBytes = Number.POSITIVE_INFINITY): Promise<Buffer> {
  const handle = await openRegularFile(path);
  try {
    const { size } = await handle.stat();
    if (size > mostBytes) throw tooLong(path, size, mostBytes);
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}

/** Reads a text file as UTF-8. @throws what `readRegularFile` throws; FileAccessError above 32 MiB */
export async function readTextFile(path: string): Promise<string> {
  return (await readRegularFile(path, MOST_TEXT_BYTES)).toString('utf8');
}

/** @throws FileAccessError */
function checkIsFile(path: string, what: Stats): void {
  if (what.isFile()) return;
  const code = what.isDirectory() ? 'EISDIR' : 'NOT_A_FILE';
  const kind = what.isDirectory()
    ? 'a folder'
    : what.isFIFO()
      ? 'a named pipe, not a file'
      : what.isSocket()
        ? 'a socket, not a file'
        : 'a device, not a file';
  throw new FileAccessError(path, code, `${basename(path)} cannot be read: it is ${kind}. Choose a file.`);
}

function tooLong(path: string, size: number, mostBytes: number): FileAccessError {
  const [has, most] = [size, mostBytes].map((bytes) => `${(bytes / (1 << 20)).toFixed(1)} MiB`);
  return new FileAccessError(
    path,
    'TOO_LONG',
    `${basename(path)} cannot be read: it has ${has}, and ${most} is the most that such a file can have. Restore it or remove it.`,
  );
}
