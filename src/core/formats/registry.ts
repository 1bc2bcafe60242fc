import { VolumeFileError } from '../volume/volume-file-error.ts';
import { NIFTI } from './nifti/nifti-format.ts';
import { standInError } from './stand-in.ts';
import type { VolumeFormat, VolumeWriting } from './volume-format.ts';

/** Every format that is read. A new one is a folder beside this file, a line here and a selector in package.json. */
export const FORMATS: readonly VolumeFormat[] = [NIFTI];

/** The format that everything is written in, and how. */
export const OWN_FORMAT: VolumeFormat & { readonly writing: VolumeWriting } = NIFTI;

/** Every ending of a volume's name, a longer one before a shorter one that it ends with. */
export function volumeEndings(formats: readonly VolumeFormat[] = FORMATS): readonly string[] {
  return formats.flatMap(({ endings }) => endings).sort((a, b) => b.length - a.length);
}

/**
 * The format of a file, by what is in it; its name counts only for what is said of a file of no format.
 *
 * @param start its first `DETECTED_BYTES`, inflated where the whole file is gzipped
 * @throws VolumeFileError if it is of none
 */
export function formatOf(
  name: string,
  start: Uint8Array,
  isGzipped: boolean,
  formats: readonly VolumeFormat[] = FORMATS,
): VolumeFormat {
  if (start.length === 0) throw new VolumeFileError('volume-empty', 'This file is empty; get a new copy.');
  const found = formats.find((format) => (format.mayBeGzipped || !isGzipped) && format.detect(start));
  if (found) return found;
  const standIn = standInError(start);
  if (standIn) throw standIn;
  const named = formats.find(({ endings }) => endings.some((ending) => name.toLowerCase().endsWith(ending)));
  throw named
    ? unknownFile(named)
    : new VolumeFileError(
        'volume-unknown',
        `This is not a volume that Voxel Loop reads; open a ${inWords(volumeEndings(formats))} file.`,
      );
}

/** What is said of a file that is none of the format that its name promises. */
function unknownFile({ file, endings }: VolumeFormat): VolumeFileError {
  return new VolumeFileError('volume-unknown', `This is not ${file}; open a ${inWords(endings)} file.`);
}

/** ".nii or .nii.gz", shorter ones first. */
export function inWords(endings: readonly string[]): string {
  const names = [...endings].sort((a, b) => a.length - b.length);
  return names.length < 2 ? names.join() : `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`;
}
