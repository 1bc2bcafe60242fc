import { access, constants, realpath } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isMissing } from './missing-file.ts';

/** The obstacle to writing a file. */
export interface WriteProtection {
  /** The file, or the folder that it would be in. */
  readonly path: string;
  readonly isFolder: boolean;
  /** The whole disk is protected, so that permissions do not matter. */
  readonly isDisk: boolean;
}

/**
 * Tells what would stop `saveAtomically` from writing a file, and writes nothing. It looks at the file itself and its
 * folder (a link's target and its folder), or at the nearest folder that exists. It is null where no obstacle is known.
 */
export async function writeProtectionOf(path: string): Promise<WriteProtection | null> {
  const target = await realpath(path).catch(() => path);
  const file = await refusalOf(target);
  if (file !== 'missing' && file !== null) return { path, isFolder: false, isDisk: file === 'disk' };
  for (let folder = dirname(target); ; folder = dirname(folder)) {
    const refusal = await refusalOf(folder);
    if (refusal === null) return null;
    if (refusal !== 'missing') return { path: folder, isFolder: true, isDisk: refusal === 'disk' };
    if (folder === dirname(folder)) return null;
  }
}

async function refusalOf(path: string): Promise<'missing' | 'permission' | 'disk' | null> {
  try {
    await access(path, constants.W_OK);
    return null;
  } catch (error) {
    if (isMissing(error)) return 'missing';
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'EROFS') return 'disk';
    // Other obstacles (a link in a circle, a disk that fails) are reported by whoever reads or writes.
    return code === 'EACCES' || code === 'EPERM' ? 'permission' : null;
  }
}
