import { mkdir, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { saveBytesAtomically } from './atomic-save.ts';

/** The newest backup at each path, as long as this process runs. */
const newest = new Map<string, object>();

/**
 * Writes a backup that takes the place of the one before it at the same path, atomically.
 *
 * VS Code deletes the old backup of a document before it has noted where the new one is, and a window that is reloaded in
 * between looks for the old one. With one path for all backups of a document there always is one, and it is the newest.
 *
 * @returns deletes the backup, unless a newer one has taken its place
 * @throws FileAccessError
 */
export async function writeReplaceableBackup(path: string, bytes: Uint8Array): Promise<() => Promise<void>> {
  const token = {};
  newest.set(path, token);
  await mkdir(dirname(path), { recursive: true });
  await saveBytesAtomically(path, bytes);
  return async () => {
    if (newest.get(path) !== token) return;
    newest.delete(path);
    await rm(path, { force: true });
  };
}
