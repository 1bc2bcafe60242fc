import { VolumeFileError } from '../volume/volume-file-error.ts';
import type { VoxelPiece } from './volume-format.ts';

/** A volume of more files than this was made so that files are opened without end, or is none. */
const MOST_FILES = 4096;
/** No system has longer paths. */
const MOST_NAME_CHARACTERS = 4096;

/**
 * Divides voxels that lie in several files, each with as many of them.
 *
 * @param files null where the voxels lie behind the header
 * @throws VolumeFileError if they cannot be as many in each
 */
export function piecesOf(
  files: readonly (string | null)[],
  dataLength: number,
  place: Pick<VoxelPiece, 'packing' | 'at' | 'skip'>,
): VoxelPiece[] {
  if (files.length > MOST_FILES) throw tooMany(files.length);
  const length = dataLength / files.length;
  if (!Number.isSafeInteger(length)) {
    throw new VolumeFileError(
      'volume-dimensions',
      `The header claims ${dataLength} bytes of voxels in ${files.length} files, which cannot be; the file is damaged: get a new copy.`,
    );
  }
  return files.map((file) => ({ file, length, ...place }));
}

/** The number of a file stands here in its name. */
const NUMBER_PLACE = /%(0?)(\d*)d/;

/**
 * Lists the files that a header names: one, or "slice%03d.raw 1 60 1", whose numbers run from the first to the last, in
 * steps, which are negative where they run down.
 * @throws VolumeFileError if there are none, or too many, or if the name is none
 */
export function numberedFiles(said: string): string[] {
  if (said.length > MOST_NAME_CHARACTERS) {
    throw new VolumeFileError(
      'volume-damaged',
      `The header names a file of ${said.length} characters for its voxels, which cannot be; the file is damaged: get a new copy.`,
    );
  }
  const [pattern, first, last, step = '1'] = said.split(/\s+/);
  const areNumbers = /^\d+$/.test(first ?? '') && /^\d+$/.test(last ?? '') && /^-?\d+$/.test(step);
  if (!NUMBER_PLACE.test(pattern) || !areNumbers) return [said];
  const count = Math.floor((Number(last) - Number(first)) / Number(step)) + 1;
  if (!(count >= 1 && count <= MOST_FILES)) throw tooMany(count);
  return Array.from({ length: count }, (_, n) =>
    pattern.replace(NUMBER_PLACE, (_whole, zero: string, width: string) =>
      String(Number(first) + n * Number(step)).padStart(Math.min(20, Number(width)), zero === '' ? ' ' : '0'),
    ),
  );
}

function tooMany(count: number): VolumeFileError {
  return new VolumeFileError(
    'volume-unsupported',
    `The header names ${count >= 1 ? count : 'no'} files for its voxels, and 1 to ${MOST_FILES} are read: make one file of them.`,
  );
}
