import { lstat, readlink } from 'node:fs/promises';
import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import { inWords } from './file-errors.ts';
import { isMissing } from './missing-file.ts';
import { UnsafePathError } from './unsafe-path-error.ts';

/**
 * Looks at every name on the way from `root` to `path`: none may be a link, and at the end there must be a regular
 * file, a folder or nothing. The way to `root` is the user's own affair and is not looked at.
 *
 * The names are looked at one after the other, so a program that runs at the same time and may write in this folder can
 * put a link in the place of a name behind our back. A folder that was only unpacked or cloned cannot do that.
 *
 * @param root an absolute path
 * @throws UnsafePathError; FileAccessError
 */
export async function checkWay(root: string, path: string): Promise<void> {
  const names = namesBelow(root, path);
  let at = root;
  for (const name of names) {
    at = join(at, name);
    const found = await statsOf(at);
    // Below a name that does not exist, nothing exists.
    if (!found) return;
    if (found.isSymbolicLink()) throw await linkError(root, at);
    if (!found.isFile() && !found.isDirectory()) {
      throw new UnsafePathError(
        at,
        `${at} is a device, a pipe or a socket where Voxel Loop keeps files: remove it, then try again.`,
      );
    }
  }
}

/** The names on the way, from the text of the paths alone. @throws UnsafePathError if `path` is not below `root` */
function namesBelow(root: string, path: string): string[] {
  const way = relative(root, resolve(path));
  if (way === '') return [];
  const names = way.split(sep);
  if (!isAbsolute(way) && names[0] !== '..') return names;
  throw new UnsafePathError(
    path,
    `${path} lies outside of ${root}, so nothing is written there. Check the names of cases, reviewers and models in this cohort.`,
  );
}

async function statsOf(path: string) {
  try {
    return await lstat(path);
  } catch (error) {
    if (isMissing(error)) return null;
    throw inWords('read', path, error);
  }
}

async function linkError(root: string, path: string): Promise<UnsafePathError> {
  const target = await readlink(path).catch(() => '?');
  return new UnsafePathError(
    path,
    `${relative(root, path)} is a link to ${target}. Inside ${root} Voxel Loop writes and deletes nothing through links, because a folder that came from elsewhere could lead it anywhere: put the file or folder itself in the place of the link, then try again.`,
  );
}
