import { createWriteStream } from 'node:fs';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { openPromise } from 'yauzl';
import { fileAccessError } from '../../../../node/files/file-access-error.ts';
import { CudaInstallError } from './cuda-install-error.ts';

/**
 * Unpacks some files of a ZIP archive into one folder.
 *
 * @param paths in the archive
 * @throws CudaInstallError if it is no archive, or lacks one of them
 * @throws FileAccessError
 */
export async function unpackFiles(
  archive: string,
  paths: readonly string[],
  folder: string,
  signal: AbortSignal,
): Promise<void> {
  const missing = new Set(paths);
  try {
    const zip = await openPromise(archive, { autoClose: false });
    try {
      for await (const entry of zip.eachEntry()) {
        if (!missing.delete(entry.fileName)) continue;
        const target = join(folder, basename(entry.fileName));
        await pipeline(await zip.openReadStreamPromise(entry), createWriteStream(target), { signal }).catch(
          (error: unknown) => {
            throw error instanceof Error && 'syscall' in error ? fileAccessError('write', target, error) : error;
          },
        );
      }
    } finally {
      zip.close();
    }
  } catch (cause) {
    if (signal.aborted || (cause instanceof Error && 'code' in cause && cause.code === 'file-access')) throw cause;
    throw new CudaInstallError('The package cannot be unpacked: update Voxel Loop, or try later.', { cause });
  }
  if (missing.size === 0) return;
  throw new CudaInstallError(
    `The package holds no ${[...missing].map((path) => basename(path)).join(', ')}: update Voxel Loop.`,
  );
}
