import { VolumeFileError } from '../../volume/volume-file-error.ts';
import { readTextHeader } from '../text-header.ts';
import type { FormatSource } from '../volume-format.ts';

/** The lines of an NRRD header (teem.sourceforge.net/nrrd/format.html). */
export interface NrrdFields {
  /** The version that the file gives itself, 1 to 5. */
  readonly version: number;
  /**
   * The fields by name, in small letters and without spaces ("datafile", "spacedirections"), because some writers leave
   * spaces out.
   */
  readonly fields: ReadonlyMap<string, string>;
  /** Lines `key:=value`, which mean something to those who wrote them. */
  readonly pairs: ReadonlyMap<string, string>;
  /** The lines behind `data file: LIST`. */
  readonly listedFiles: readonly string[];
  /** The length of the header in its file, in bytes. */
  readonly length: number;
}

/** Says whether a file begins like an NRRD file of any version. */
export function isNrrdStart(start: Uint8Array): boolean {
  return String.fromCharCode(...start.subarray(0, 4)) === 'NRRD';
}

/** @throws VolumeFileError */
export async function readNrrdFields(source: FormatSource): Promise<NrrdFields> {
  const { lines, length } = await readTextHeader(source, (line) => line === '');
  const version = /^NRRD(\d{4})/.exec(lines[0])?.[1];
  if (version === undefined)
    throw new VolumeFileError('volume-unknown', 'This is not an NRRD file; open a .nrrd or .nhdr file.');
  const fields = new Map<string, string>();
  const pairs = new Map<string, string>();
  const listedFiles: string[] = [];
  let isListed = false;
  for (const line of lines.slice(1)) {
    if (isListed) {
      if (line.trim() !== '') listedFiles.push(line.trim());
      continue;
    }
    if (line.startsWith('#')) continue;
    const colon = line.indexOf(':');
    if (colon < 0) continue;
    const said = line.slice(0, colon);
    if (line[colon + 1] === '=') {
      pairs.set(said, line.slice(colon + 2).replaceAll('\\n', '\n'));
      continue;
    }
    const name = nameOf(said);
    const value = line.slice(colon + 1).trim();
    if (said !== '') fields.set(name, value);
    isListed = name === 'datafile' && /^LIST\b/.test(value);
  }
  return { version: Number(version), fields, pairs, listedFiles, length };
}

function nameOf(field: string): string {
  return field.toLowerCase().replaceAll(' ', '');
}
