import { VolumeFileError } from '../../volume/volume-file-error.ts';
import { readTextHeader } from '../text-header.ts';
import type { FormatSource } from '../volume-format.ts';

/** The lines of a MetaImage header (itk.org/Wiki/MetaIO/Documentation). */
export interface MetaFields {
  /** The fields by name, in small letters. */
  readonly fields: ReadonlyMap<string, string>;
  /** The lines behind `ElementDataFile = LIST`. */
  readonly listedFiles: readonly string[];
  /** The length of the header in its file, in bytes: the voxels follow `ElementDataFile = LOCAL`. */
  readonly length: number;
}

/** A header may begin with one of these lines. Any other text is taken for another file. */
const FIRST_LINE =
  /^\s*(ObjectType|NDims|Comment|Name|ObjectSubType|TransformType|ID|BinaryData|CompressedData)\s*[=:]/i;

/** Says whether a file begins like a MetaImage header and says how many dimensions it has. */
export function isMetaStart(start: Uint8Array): boolean {
  const text = String.fromCharCode(...start);
  return FIRST_LINE.test(text) && /(^|\n)\s*(NDims|ObjectType)\s*[=:]/i.test(text);
}

/** @throws VolumeFileError */
export async function readMetaFields(source: FormatSource): Promise<MetaFields> {
  const isDataFile = (line: string) => /^\s*ElementDataFile\s*[=:]/i.test(line);
  // A list of files goes on to the end of the header's file.
  const isLast = (line: string) => isDataFile(line) && !/[=:]\s*LIST\b/i.test(line);
  const { lines, length } = await readTextHeader(source, isLast);
  const fields = new Map<string, string>();
  const last = lines.findIndex(isDataFile);
  if (last < 0) {
    throw new VolumeFileError(
      'volume-truncated',
      'The header of this MetaImage file does not say where its voxels are; the file is incomplete: get a new copy.',
    );
  }
  for (const line of lines.slice(0, last + 1)) {
    // One pattern for the whole line would try every way to share out a long run of spaces.
    const at = line.search(/[=:]/);
    const name = line.slice(0, Math.max(0, at)).trim();
    if (/^\w+$/.test(name)) fields.set(name.toLowerCase(), line.slice(at + 1).trim());
  }
  const listedFiles = lines.slice(last + 1).map((line) => line.trim());
  return { fields, listedFiles: listedFiles.filter((line) => line !== ''), length };
}
