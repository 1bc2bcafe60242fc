import type { FileHandle } from 'node:fs/promises';
import { NiftiError } from '../../core/nifti/nifti-error.ts';
import { HEADER_BYTES_NEEDED, parseNiftiHeader } from '../../core/nifti/nifti-header.ts';
import { withFileErrors } from '../files/file-errors.ts';
import { openRegularFile } from '../files/regular-file.ts';

/**
 * Looks at the first bytes of a file that should be a volume: enough to tell what was not fetched, not downloaded, cut off
 * or never a volume, for a list of thousands of cases. Nothing is inflated, so a compressed file that begins like one
 * passes, whatever is in it.
 *
 * @throws NiftiError, FileAccessError
 */
export async function peekVolume(path: string): Promise<void> {
  await withFileErrors('read', path, look(path));
}

async function look(path: string): Promise<void> {
  const handle = await openRegularFile(path);
  try {
    const { size } = await handle.stat();
    const start = await readStart(handle);
    if (start[0] === 0x1f && start[1] === 0x8b) return;
    const { dataOffset, dataLength } = parseNiftiHeader(start);
    if (size >= dataOffset + dataLength) return;
    throw new NiftiError(
      'nifti-truncated',
      `The header claims ${dataLength} bytes of voxels, but the file is shorter; it is incomplete: get a new copy.`,
    );
  } finally {
    await handle.close();
  }
}

async function readStart(handle: FileHandle): Promise<Uint8Array> {
  const start = new Uint8Array(HEADER_BYTES_NEEDED);
  const { bytesRead } = await handle.read(start, 0, start.length, 0);
  return start.subarray(0, bytesRead);
}
