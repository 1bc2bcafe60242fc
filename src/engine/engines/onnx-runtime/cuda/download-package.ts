import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileAccessError } from '../../../../node/files/file-access-error.ts';
import { CudaInstallError } from './cuda-install-error.ts';
import { fetchChecked, type PublishedPackage, unreachable } from './published-package.ts';

/** Libraries are about twice as large unpacked, and the package lies beside them until they are. */
const SPACE_PER_BYTE = 3;

/**
 * Downloads a package to `path` and compares its checksum. The caller removes what is at `path` after a failure.
 *
 * @param onBytes is told how many have come
 * @throws CudaInstallError if it cannot be had or is not what was published
 * @throws FileAccessError
 */
export async function downloadPackage(
  { url, bytes, sha512 }: PublishedPackage,
  path: string,
  signal: AbortSignal,
  onBytes: (bytes: number) => void,
): Promise<void> {
  const { bavail, bsize } = await statfs(dirname(path));
  if (bavail * bsize < SPACE_PER_BYTE * bytes) {
    throw fileAccessError('write', path, Object.assign(new Error('no space'), { code: 'ENOSPC' }));
  }
  const response = await fetchChecked(url, new URL(url).protocol, signal);
  if (!response.body) throw unreachable('an empty answer');
  const hash = createHash('sha512');
  let done = 0;
  const counting = new Transform({
    transform(chunk: Buffer, _encoding, next) {
      hash.update(chunk);
      done += chunk.length;
      onBytes(done);
      // A file that is longer than what was published is not what was published, and must not fill the disk.
      next(done > bytes ? damaged() : null, chunk);
    },
  });
  try {
    await pipeline(Readable.fromWeb(response.body), counting, createWriteStream(path), { signal });
  } catch (error) {
    if (error instanceof CudaInstallError) throw error;
    throw isOfFile(error) ? fileAccessError('write', path, error) : unreachable(error);
  }
  if (done !== bytes || hash.digest('base64') !== sha512) throw damaged();
}

/**
 * Says whether a file failed: only opening a file names its path, while a failure on the network arrives as the cause
 * of another error.
 */
function isOfFile(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error && ('path' in error || error.syscall === 'write');
}

function damaged(): CudaInstallError {
  return new CudaInstallError(
    'What came is not the package that was published (its checksum is another), so nothing was installed: try again.',
  );
}
