import { type FileHandle, realpath } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { shortened } from '../../../core/formats/claimed-numbers.ts';
import { VolumeFileError } from '../../../core/volume/volume-file-error.ts';
import { fileAccessError } from '../../files/file-access-error.ts';
import { isMissing } from '../../files/missing-file.ts';
import { openRegularFile } from '../../files/regular-file.ts';

/**
 * Opens a file that a header names as that of its voxels. A header may be a stranger's, so the file must lie in the
 * header's folder or below it, also where links on the way lead.
 *
 * @param folder the folder of the header
 * @param name the relative path, as the header says it
 * @param opened the files that are open already by their real paths, because a header may name one file thousands of
 *   times; a file that is opened is added
 * @throws VolumeFileError, FileAccessError
 */
export async function openBeside(folder: string, name: string, opened: Map<string, FileHandle>): Promise<FileHandle> {
  const path = pathBeside(folder, name);
  if (path === null) throw elsewhere(name);
  try {
    const real = await realpath(path);
    const below = relative(await realpath(folder), real);
    if (below === '..' || below.startsWith(`..${sep}`) || below === '') throw elsewhere(name);
    const handle = opened.get(real) ?? (await openRegularFile(real));
    opened.set(real, handle);
    return handle;
  } catch (error) {
    if (error instanceof VolumeFileError) throw error;
    if (!isMissing(error)) throw fileAccessError('read', path, error);
    throw new VolumeFileError(
      'volume-unsupported',
      `The voxels of this volume lie in ${shortened(name)}, which is not there: put it beside the header.`,
      { cause: error },
    );
  }
}

function elsewhere(name: string): VolumeFileError {
  return new VolumeFileError(
    'volume-unsupported',
    `The header says that its voxels lie in ${shortened(name)}, which is not in its folder, so they are not read: put both into one folder and name the file without a path.`,
  );
}

/**
 * The path of a file that a header names, before any link is followed. It is null where the name leads elsewhere, also
 * to another computer, so that nothing there is even looked at.
 */
export function pathBeside(folder: string, name: string): string | null {
  const names = name.split(/[\\/]/);
  const isBelow = !/^([\\/]|[a-z]:)/i.test(name) && !names.includes('..') && !name.includes('\0');
  return isBelow ? join(folder, ...names) : null;
}
