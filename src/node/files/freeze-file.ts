import { constants, realpath, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { withFileErrors } from './file-errors.ts';
import type { GuardedFolder } from './guarded-folder.ts';

/**
 * A file up to this size is always copied: compressed label maps are far smaller. Thousands of uncompressed ones would
 * fill a disk.
 */
const COPIED_BYTES = 4 << 20;

/**
 * Keeps the present content of a file under another name, so that it is still there when the file is saved anew.
 *
 * A copy is the safest way, and on file systems that share blocks (APFS, Btrfs, XFS, ReFS) it takes no space. On
 * others, a large file gets a second name instead (a hard link). That is safe from programs that save as we do, by
 * putting a new file in the place of the old one, but not from those that write into the old one, so whoever reads it
 * later must check that it is still the same (`fileFingerprint`). Where links cannot be made (exFAT, another disk) the
 * file is copied all the same.
 *
 * @param files the folder that `to` must not lead out of
 * @param to is replaced if it exists; its folder is made
 * @throws UnsafePathError, FileAccessError
 */
export async function freezeFile(from: string, files: GuardedFolder, to: string): Promise<void> {
  // A hard link to a symbolic link would follow that link wherever it leads later.
  const source = await withFileErrors('read', from, realpath(from));
  const { size } = await withFileErrors('read', from, stat(source));
  await files.makeFolder(dirname(to));
  const share = () => files.copyHere(source, to, constants.COPYFILE_FICLONE_FORCE);
  const copy = () => files.copyHere(source, to, constants.COPYFILE_FICLONE);
  const giveName = () => files.linkHere(source, to);
  const ways = size <= COPIED_BYTES ? [copy, giveName] : [share, giveName, copy];
  for (const [index, way] of ways.entries()) {
    await files.removeFile(to);
    try {
      await way();
      return;
    } catch (error) {
      if (index === ways.length - 1) await withFileErrors('write', to, Promise.reject(error));
    }
  }
}
