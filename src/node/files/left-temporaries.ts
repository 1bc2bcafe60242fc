import { readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { inWords } from './file-errors.ts';
import type { GuardedFolder } from './guarded-folder.ts';
import { isMissing } from './missing-file.ts';
import { hostCode, parseTemporaryName, type TemporaryName } from './temporary-names.ts';

/** Nobody writes one file for so long without touching it, so an older one was left behind. */
const SURELY_LEFT_MS = 24 * 3_600_000;
/** The clocks of a disk and of the process that writes on it differ a little. */
const CLOCK_ERROR_MS = 10_000;

/**
 * Removes the temporary files beside `paths` that killed processes of ours left behind. Only those go whose writer is
 * surely gone: it is dead on this machine, or the file is a day old.
 *
 * @param paths the files that were being written, all in one folder
 * @throws UnsafePathError, FileAccessError
 */
export async function removeLeftTemporaries(files: GuardedFolder, paths: readonly string[]): Promise<void> {
  const folder = dirname(paths[0]);
  const targets = new Set(paths.map((path) => path.slice(folder.length + 1)));
  await removeLeft(files, folder, ({ target }) => targets.has(target));
}

/** Does the same for all files of a folder that only we write in. */
export async function removeAllLeftTemporaries(files: GuardedFolder, folder: string): Promise<void> {
  await removeLeft(files, folder, () => true);
}

async function removeLeft(
  files: GuardedFolder,
  folder: string,
  isMeant: (found: TemporaryName) => boolean,
): Promise<void> {
  for (const name of await namesIn(folder)) {
    const found = parseTemporaryName(name);
    if (found && isMeant(found) && (await isLeft(join(folder, name), found))) {
      await files.removeFile(join(folder, name));
    }
  }
}

async function isLeft(path: string, { writer }: TemporaryName): Promise<boolean> {
  const touchedMs = await stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => Number.NaN,
  );
  if (Date.now() - touchedMs > SURELY_LEFT_MS) return true;
  if (writer?.host !== hostCode()) return false;
  // In a container every run may have the same process id, so a file that is older than this process is a
  // predecessor's.
  if (writer.pid === process.pid) return touchedMs < Date.now() - process.uptime() * 1000 - CLOCK_ERROR_MS;
  return !isAlive(writer.pid);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Any other refusal means that the process exists.
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH');
  }
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isMissing(error)) return [];
    throw inWords('read', folder, error);
  }
}
