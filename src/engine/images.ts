import { createHash } from 'node:crypto';
import type { CancelSignal } from '../core/cancel.ts';
import { type CaseFiles, channelSources } from '../core/cohort/case.ts';
import { VoxelLoopError } from '../core/errors.ts';
import type { ImageVolume } from '../core/learn/volume-input.ts';
import type { NiftiHeader } from '../core/nifti/nifti-header.ts';
import { fileFingerprint } from '../node/file-fingerprint.ts';
import { readVolume } from '../node/read-volume.ts';

/** The files of one case do not lie on one grid. */
export class GridMismatchError extends VoxelLoopError {
  readonly code = 'grid-mismatch';
}

export interface CaseImage extends ImageVolume {
  /** Of the first channel: its geometry is the case's. */
  readonly header: NiftiHeader;
}

/**
 * Reads all channels of a case (see `channelSources`).
 *
 * @throws GridMismatchError if the channels differ in shape; NiftiError, FileAccessError, CancelledError
 */
export async function readCaseImage(
  files: Pick<CaseFiles, 'channels' | 'timeIndex'>,
  signal?: CancelSignal,
): Promise<CaseImage> {
  const volumes = [];
  for (const { path, timeIndex } of channelSources(files)) {
    const volume = await readVolume(path, { timeIndex, signal });
    const shape = volumes[0]?.grid.shape ?? volume.grid.shape;
    if (volume.grid.shape.some((extent, axis) => extent !== shape[axis])) {
      throw new GridMismatchError(
        `${path} has ${volume.grid.shape.join(' x ')} voxels and ${files.channels[0]} has ${shape.join(' x ')}: the channels of a case must lie on one grid. Resample one of them.`,
      );
    }
    volumes.push(volume);
  }
  const [first] = volumes;
  return { grid: first.grid, header: first.header, channels: volumes.map(({ data }) => data) };
}

/** What the image of a case holds, in a few characters. @throws FileAccessError, CancelledError */
export async function imageFingerprints(
  { channels }: Pick<CaseFiles, 'channels'>,
  signal?: CancelSignal,
): Promise<string[]> {
  const byPath = new Map<string, string>();
  for (const path of channels) if (!byPath.has(path)) byPath.set(path, await fileFingerprint(path, signal));
  return channels.map((path) => byPath.get(path) as string);
}

/** A short hash of texts, in hexadecimal. */
export function shortHash(texts: readonly string[], characters: number): string {
  return createHash('sha256').update(JSON.stringify(texts)).digest('hex').slice(0, characters);
}
