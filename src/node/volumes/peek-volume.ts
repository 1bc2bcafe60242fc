import type { FileHandle } from 'node:fs/promises';
import { withFileErrors } from '../files/file-errors.ts';
import { openRegularFile } from '../files/regular-file.ts';
import { isGzip, VolumeFile } from './stored/volume-file.ts';

/**
 * Looks at the first bytes of a file that should be a volume, for a list of thousands of cases. That is enough to tell
 * that a file was not fetched or not downloaded, is cut off, or never was a volume. Nothing is inflated, so a
 * compressed file that begins like one passes, whatever is in it.
 *
 * @throws VolumeFileError, FileAccessError
 */
export async function peekVolume(path: string): Promise<void> {
  const handle = await withFileErrors('read', path, openRegularFile(path));
  const isPacked = await withFileErrors('read', path, beginsLikeGzip(handle)).finally(() => handle.close());
  if (isPacked) return;
  const file = await VolumeFile.open(path);
  await file.close();
}

async function beginsLikeGzip(handle: FileHandle): Promise<boolean> {
  const start = new Uint8Array(2);
  const { bytesRead } = await handle.read(start, 0, start.length, 0);
  return isGzip(start.subarray(0, bytesRead));
}
