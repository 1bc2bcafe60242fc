import type { Stats } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { danglingLink } from './dangling-link.ts';
import { fileAccessError } from './file-access-error.ts';
import { readRegularFile, readTextFile } from './regular-file.ts';

/*
 * A file is absent only where the system says that there is no such file, and no link either. Everything else (a link
 * whose target is missing, a folder without permission, a disk that fails) exists and cannot be read: code that takes
 * that for absent shows a labelled case as unlabelled, and saves over labels that nobody has seen.
 */

/**
 * True for the error of a file or folder that is absent. It is false for a link that leads nowhere, also where the link
 * is a folder on the way.
 */
export function isMissing(error: unknown): boolean {
  if (!(error instanceof Error && 'code' in error)) return false;
  if (error.code !== 'ENOENT' && error.code !== 'ENOTDIR') return false;
  const path = 'path' in error && typeof error.path === 'string' ? error.path : null;
  return path === null || danglingLink(path) === null;
}

/**
 * The facts of what lies at `path`, links followed; they are null if it is absent. @throws FileAccessError if it exists
 * and cannot be looked at
 */
export async function statIfThere(path: string): Promise<Stats | null> {
  try {
    return await stat(path);
  } catch (error) {
    if (isMissing(error)) return null;
    throw fileAccessError('read', path, error);
  }
}

/** Tells whether something exists at `path`. @throws FileAccessError */
export async function isThere(path: string): Promise<boolean> {
  return (await statIfThere(path)) !== null;
}

/** Tells whether there is a folder at `path`. @throws FileAccessError */
export async function isFolder(path: string): Promise<boolean> {
  return (await statIfThere(path))?.isDirectory() ?? false;
}

/** The names in a folder, in order; there are none where the folder does not exist. @throws FileAccessError */
export async function namesIfThere(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch (error) {
    if (isMissing(error)) return [];
    throw fileAccessError('read', folder, error);
  }
}

/** The bytes of a file; they are null if it is absent. @throws FileAccessError */
export async function bytesIfThere(path: string): Promise<Uint8Array | null> {
  try {
    return await readRegularFile(path);
  } catch (error) {
    if (isMissing(error)) return null;
    throw fileAccessError('read', path, error);
  }
}

/** The text of a file; it is null if the file is absent. @throws FileAccessError */
export async function textIfThere(path: string): Promise<string | null> {
  try {
    return await readTextFile(path);
  } catch (error) {
    if (isMissing(error)) return null;
    throw fileAccessError('read', path, error);
  }
}
