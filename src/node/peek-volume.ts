import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { NiftiError } from '../core/nifti/nifti-error.ts';
import { HEADER_BYTES_NEEDED, parseNiftiHeader } from '../core/nifti/nifti-header.ts';
import { withFileErrors } from './file-errors.ts';

/** So that opening a named pipe does not wait for somebody who writes into it; Windows has none. */
const AT_ONCE = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

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
  const handle = await open(path, AT_ONCE);
  try {
    const found = await handle.stat();
    if (!found.isFile()) {
      throw new NiftiError(
        'nifti-not-nifti',
        'This is no file but a pipe, a device or a folder; open a .nii or .nii.gz file.',
      );
    }
    const start = await readStart(handle);
    if (start[0] === 0x1f && start[1] === 0x8b) return;
    const { dataOffset, dataLength } = parseNiftiHeader(start);
    if (found.size >= dataOffset + dataLength) return;
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
