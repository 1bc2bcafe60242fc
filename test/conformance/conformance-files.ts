import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { VolumeHeader } from '../../src/core/volume/volume-header.ts';
import { readVolume, readVolumeHeader } from '../../src/node/volumes/read-volume.ts';
import { sharedDataFolder } from '../support/shared-data.ts';

export const conformanceFolder = join(sharedDataFolder, 'conformance');

/** What the set says of one of its generated files. */
export interface ExpectedFile {
  readonly note: string;
  readonly readable: boolean;
  readonly shape?: readonly number[];
  /** NIfTI datatype code. */
  readonly datatype?: number;
}

/** The generated files by name. */
export function expectedFiles(): ReadonlyMap<string, ExpectedFile> {
  const text = readFileSync(join(conformanceFolder, 'generated', 'EXPECTED.json'), 'utf8');
  return new Map(Object.entries(JSON.parse(text) as Record<string, ExpectedFile>));
}

/** Halves of .hdr/.img pairs (ANALYZE or NIfTI), which are refused although others read them. */
export function isPairHalf(name: string): boolean {
  return /\.(hdr|img)(\.gz)?$/.test(name);
}

/** Full paths of the files in a folder of the set, in order of name. */
export function filesIn(folder: string): string[] {
  return readdirSync(join(conformanceFolder, folder))
    .filter((name) => /\.nii(\.gz)?$/i.test(name))
    .sort()
    .map((name) => join(conformanceFolder, folder, name));
}

/** What a file turned out to be. */
export type FileOutcome =
  | { readonly kind: 'read'; readonly header: VolumeHeader; readonly sha256: string }
  | { readonly kind: 'refused'; readonly error: unknown };

/** Reads every voxel of a file. `sha256` is that of `reference_values.py`. */
export async function readWhole(path: string): Promise<FileOutcome> {
  try {
    const header = await readVolumeHeader(path);
    const hash = createHash('sha256');
    for (let timeIndex = 0; timeIndex < header.timePoints; timeIndex++) {
      const { data } = await readVolume(path, { timeIndex });
      for (let n = 0; n < data.length; n++) data[n] = Number.isNaN(data[n]) ? Number.NaN : data[n] + 0;
      hash.update(new Uint8Array(data.buffer));
    }
    return { kind: 'read', header, sha256: hash.digest('hex') };
  } catch (error) {
    return { kind: 'refused', error };
  }
}
