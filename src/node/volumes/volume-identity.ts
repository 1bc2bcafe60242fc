import { createHash } from 'node:crypto';
import type { Stats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { CancelSignal } from '../../core/cancel.ts';
import { withFileErrors } from '../files/file-errors.ts';
import { fileFingerprint, handleFingerprint } from '../files/file-fingerprint.ts';
import { openBeside, pathBeside } from './stored/detached-file.ts';
import { dataFileNames } from './stored/volume-file.ts';

/*
 * The header of a volume may name other files for its voxels. It is a text of few facts then, which is the same for
 * many patients and does not change with the voxels: what a volume is, all of its files say together.
 */

/**
 * A short text that stands for what all files of a volume hold. For a volume in one file it is `fileFingerprint`.
 * @throws FileAccessError, VolumeFileError where a file of the voxels is not there; CancelledError
 */
export async function volumeFingerprint(path: string, signal?: CancelSignal): Promise<string> {
  const own = await fileFingerprint(path, signal);
  const names = await dataFileNames(path);
  if (names.length === 0) return own;
  const all = createHash('sha256').update(own);
  for (const name of names) {
    const handle = await openBeside(dirname(path), name, new Map());
    const fingerprint = withFileErrors('read', path, handleFingerprint(handle, signal));
    all.update(await fingerprint.finally(() => handle.close()));
  }
  return `sha256-${all.digest('hex')}`;
}

/** Looks at the files of volumes without reading any of them again whose header is as it was. */
export class VolumeStats {
  readonly #dataFiles = new Map<string, { readonly headerStamp: string; readonly paths: readonly string[] }>();

  /**
   * The facts of the file at `path`, and of those that its header names for the voxels, which are null where one is not
   * there.
   * @throws the system's error if there is nothing at `path`
   */
  async of(path: string): Promise<readonly [own: Stats, ...data: (Stats | null)[]]> {
    const own = await stat(path);
    const headerStamp = `${own.ino}:${own.size}:${own.mtimeMs}:${own.ctimeMs}`;
    let known = this.#dataFiles.get(path);
    if (known?.headerStamp !== headerStamp) {
      // Whoever reads the image tells why it cannot be read.
      const names = await dataFileNames(path).catch(() => []);
      known = { headerStamp, paths: names.flatMap((name) => pathBeside(dirname(path), name) ?? []) };
      this.#dataFiles.set(path, known);
    }
    const data: (Stats | null)[] = [];
    for (const each of known.paths) data.push(await stat(each).catch(() => null));
    return [own, ...data];
  }
}
