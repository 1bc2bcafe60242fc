import { VolumeFileError } from '../volume/volume-file-error.ts';
import { META } from './meta/meta-format.ts';
import { NIFTI } from './nifti/nifti-format.ts';
import { NRRD } from './nrrd/nrrd-format.ts';
import { standInError } from './stand-in.ts';
import type { VolumeFormat, VolumeWriting } from './volume-format.ts';

/** Every format that is read. A new one is a folder beside this file, a line here and a selector in package.json. */
export const FORMATS: readonly VolumeFormat[] = [NIFTI, NRRD, META];

/** Everything is written in this format. */
export const OWN_FORMAT: VolumeFormat & { readonly writing: VolumeWriting } = NIFTI;

/** The endings of label maps' names, beside those that any format has. */
export const LABEL_ENDINGS: readonly string[] = FORMATS.flatMap(({ labelEndings = [] }) => labelEndings);

/**
 * Finds the format of a file by what is in it; its name counts only for what is said of a file of no format.
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
        `This is not a volume that Voxel Loop reads; open a ${endingsInWords(formats)} file.`,
      );
}

/** Makes the error for a file that is none of the format that its name promises. */
function unknownFile(format: VolumeFormat): VolumeFileError {
  return new VolumeFileError('volume-unknown', `This is not ${format.file}; open a ${endingsInWords([format])} file.`);
}

/** Writes ".nii, .nii.gz, .nrrd or .nhdr". */
export function endingsInWords(formats: readonly VolumeFormat[] = FORMATS): string {
  const names = formats.flatMap(({ endings }) => [...endings].sort((a, b) => a.length - b.length));
  return names.length < 2 ? names.join() : `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`;
}
