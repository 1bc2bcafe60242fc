import { basename, dirname } from 'node:path';
import { VolumeFileError } from '../../core/volume/volume-file-error.ts';
import { fileAccessError } from './file-access-error.ts';

/**
 * Runs `work` on one file of many and names the file in its errors: "labelsTr/x.nii.gz: This is not a NIfTI file; ...".
 * (An image and its labels often differ by their folder only.)
 *
 * @throws VolumeFileError with the file's name in front; any other error of `work` unchanged
 */
export async function namingFile<T>(path: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof VolumeFileError)) throw error;
    throw new VolumeFileError(error.code, `${basename(dirname(path))}/${basename(path)}: ${error.message}`, {
      cause: error,
    });
  }
}

/**
 * Runs `work`, which reads or writes at `path`, and puts the system's errors into words.
 *
 * @throws FileAccessError for errors of the system; any other error of `work` unchanged
 */
export async function withFileErrors<T>(action: 'read' | 'write', path: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw inWords(action, path, error);
  }
}

/** Turns an error of the system at `path` into one in words; any other error is returned unchanged. */
export function inWords(action: 'read' | 'write', path: string, error: unknown): unknown {
  return error instanceof Error && 'syscall' in error ? fileAccessError(action, path, error) : error;
}
