import type { Stats } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { danglingLink } from './dangling-link.ts';
import { fileAccessError } from './file-access-error.ts';
import { readRegularFile, readTextFile } from './regular-file.ts';

/*
 * A file is absent only where the system says that there is no such file, and no link either. Everything else (a link whose
 * target is missing, a folder without permission, a disk that fails) is there and cannot be read: whoever takes that for
 * absent shows a labelled case as unlabelled, and saves over labels that nobody has seen.
 */

/**
 * True for the error of a file or folder that is absent. Of a link that leads nowhere it is false, also where the link is a
 * folder on the way.
 */
export function isMissing(error: unknown): boolean {
  if (!(error instanceof Error && 'code' in error)) return false;
  if (error.code !== 'ENOENT' && error.code !== 'ENOTDIR') return false;
  const path = 'path' in error && typeof error.path === 'string' ? error.path : null;
  return path === null || danglingLink(path) === null;
}

/** What lies at `path`, links followed; null: it is absent. @throws FileAccessError where it is there and cannot be looked at */
export async function statIfThere(path: string): Promise<Stats | null> {
  try {
    return await stat(path);
  } catch (error) {
    if (isMissing(error)) return null;
    throw fileAccessError('read', path, error);
  }
}

/** False where it is absent. @throws FileAccessError */
export async function isThere(path: string): Promise<boolean> {
  return (await statIfThere(path)) !== null;
}

/** False where it is absent, or no folder. @throws FileAccessError */
export async function isFolder(path: string): Promise<boolean> {
  return (await statIfThere(path))?.isDirectory() ?? false;
}

/** The names in a folder, in order; empty where there is no such folder. @throws FileAccessError */
export async function namesIfThere(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch (error) {
    if (isMissing(error)) return [];
    throw fileAccessError('read', folder, error);
  }
}

/** What a file holds; null: it is absent. @throws FileAccessError */
export async function bytesIfThere(path: string): Promise<Uint8Array | null> {
  try {
    return await readRegularFile(path);
  } catch (error) {
    if (isMissing(error)) return null;
    throw fileAccessError('read', path, error);
  }
}

/** What a file of text holds; null: it is absent. @throws FileAccessError */
export async function textIfThere(path: string): Promise<string | null> {
  try {
    return await readTextFile(path);
  } catch (error) {
    if (isMissing(error)) return null;
    throw fileAccessError('read', path, error);
  }
}
