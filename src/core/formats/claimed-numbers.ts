import { VolumeFileError } from '../volume/volume-file-error.ts';

/** A volume has at most so many axes, as in NIfTI. */
const MOST_AXES = 7;

/**
 * Reads the numbers in a line of a header of text, of which there must be `count`.
 *
 * @param field what the line is called, for the error
 * @throws VolumeFileError `volume-damaged`
 */
export function numbersOf(text: string, field: string, count: number): number[] {
  const words = text.trim().split(/\s+/);
  const numbers = words.map(Number);
  if (words.length !== count || text.trim() === '' || numbers.some(Number.isNaN)) {
    throw new VolumeFileError(
      'volume-damaged',
      `The header says "${field}: ${shortened(text)}", where ${count === 1 ? 'one number' : `${count} numbers`} should stand; the file is damaged: get a new copy.`,
    );
  }
  return numbers;
}

/**
 * Checks how many axes a header claims.
 * @throws VolumeFileError `volume-dimensions`
 */
export function checkedAxes(count: number): number {
  if (Number.isInteger(count) && count >= 1 && count <= MOST_AXES) return count;
  throw new VolumeFileError(
    'volume-dimensions',
    `The header claims ${count} dimensions, but a volume has 1 to ${MOST_AXES}; the file is damaged: get a new copy.`,
  );
}

/**
 * Checks the extents that a header claims.
 * @throws VolumeFileError `volume-dimensions`
 */
export function checkExtents(extents: readonly number[], bytesPerVoxel: number): void {
  const claimed = extents.join(' x ');
  if (extents.some((extent) => !Number.isInteger(extent) || extent < 1)) {
    throw new VolumeFileError(
      'volume-dimensions',
      `The header claims ${claimed} voxels, which is no volume; the file is damaged: get a new copy.`,
    );
  }
  if (!Number.isSafeInteger(extents.reduce((product, extent) => product * extent, bytesPerVoxel))) {
    throw new VolumeFileError(
      'volume-dimensions',
      `The header claims ${claimed} voxels, more than any file can hold; the file is damaged: get a new copy.`,
    );
  }
}

/** Shortens what a header says for a sentence, and leaves out control characters. */
export function shortened(text: string): string {
  const plain = text.replace(/[^\x20-\x7e\u00a0-\uffff]/g, '?').trim();
  return plain.length > 60 ? `${plain.slice(0, 57)}...` : plain;
}
