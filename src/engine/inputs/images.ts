import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import type { CancelSignal } from '../../core/cancel.ts';
import { type CaseFiles, channelSources } from '../../core/cohort/files/case.ts';
import { VoxelLoopError } from '../../core/errors.ts';
import { gridDifference } from '../../core/geometry/compare-grids.ts';
import type { ImageVolume } from '../../core/learn/planes/volume-input.ts';
import { headerFindings, valueFindings, valueRange } from '../../core/volume/findings.ts';
import type { Volume } from '../../core/volume/volume.ts';
import type { VolumeHeader } from '../../core/volume/volume-header.ts';
import { namingFile } from '../../node/files/file-errors.ts';
import { readVolume, readVolumeHeader } from '../../node/volumes/read-volume.ts';
import { volumeFingerprint } from '../../node/volumes/volume-identity.ts';

/** The files of one case do not lie on one grid. */
export class GridMismatchError extends VoxelLoopError {
  readonly code = 'grid-mismatch';
}

/** An image holds nothing that could be predicted or learned from (`valueFindings`). */
export class UnusableImageError extends VoxelLoopError {
  readonly code = 'unusable-image';
}

export interface LoadedImage extends ImageVolume {
  /** The header of the first channel, whose geometry is the case's. */
  readonly header: VolumeHeader;
  /** Sentences that name the file and say what is odd about its values. */
  readonly doubts: readonly string[];
  /** What is odd about the headers of its files, with each sentence once. */
  readonly headerDoubts: readonly HeaderDoubt[];
}

export interface HeaderDoubt {
  readonly path: string;
  /** It names no file, so that one sentence can be said of many files. */
  readonly sentence: string;
}

/**
 * Reads all channels of a case (see `channelSources`).
 *
 * @throws GridMismatchError if the channels do not lie on one grid, or a 4-D file has too few volumes
 * @throws UnusableImageError if no channel is an image
 * @throws VolumeFileError
 * @throws FileAccessError
 * @throws CancelledError
 */
export async function readCaseImage(
  files: Pick<CaseFiles, 'channels' | 'timeIndex'>,
  signal?: CancelSignal,
): Promise<LoadedImage> {
  const volumes: Volume[] = [];
  for (const { path, timeIndex } of channelSources(files)) {
    await checkTimePoint(path, timeIndex, files.channels.length, signal);
    const volume = await namingFile(path, readVolume(path, { timeIndex, signal }));
    const difference = volumes[0] && gridDifference(volumes[0].grid, volume.grid);
    if (difference === 'shape') {
      throw new GridMismatchError(
        `${path} has ${volume.grid.shape.join(' x ')} voxels and ${files.channels[0]} has ${volumes[0].grid.shape.join(' x ')}: the channels of a case must lie on one grid. Resample one of them.`,
      );
    }
    if (difference === 'position') {
      throw new GridMismatchError(
        `${path} lies elsewhere in the scanner than ${files.channels[0]} (their affines differ): the channels of a case must lie on one grid. Resample one of them.`,
      );
    }
    volumes.push(volume);
  }
  const [first] = volumes;
  const channels = volumes.map(({ data }) => data);
  const headerDoubts = headerDoubtsOf(files.channels.map((path, index) => ({ path, header: volumes[index].header })));
  return { grid: first.grid, header: first.header, channels, doubts: doubtsOf(files, channels), headerDoubts };
}

function headerDoubtsOf(channels: readonly { readonly path: string; readonly header: VolumeHeader }[]): HeaderDoubt[] {
  const doubts = new Map<string, HeaderDoubt>();
  for (const { path, header } of channels) {
    const taken = channels.filter((each) => each.path === path).length;
    for (const { sentence } of headerFindings(header, taken)) {
      // Channels of one scanner have the same in their headers.
      if (!doubts.has(sentence)) doubts.set(sentence, { path, sentence });
    }
  }
  return [...doubts.values()];
}

/**
 * Says what is odd. A channel that was not taken is often filled with zeros, so one that is an image is enough.
 * @throws UnusableImageError
 */
function doubtsOf(files: Pick<CaseFiles, 'channels' | 'timeIndex'>, channels: readonly Float32Array[]): string[] {
  const paths = channelSources(files).map(({ path }) => path);
  const found = channels.map((values) => valueFindings(valueRange(values)));
  const named = found.map((each, index) => each.map(({ sentence }) => `${basename(paths[index])}: ${sentence}`));
  if (found.every((each) => each.some(({ isUnusable }) => isUnusable))) throw new UnusableImageError(named[0][0]);
  return named.flat();
}

/**
 * @throws GridMismatchError if `path` has no volume `timeIndex`
 * @throws VolumeFileError
 * @throws FileAccessError
 */
async function checkTimePoint(
  path: string,
  timeIndex: number,
  channels: number,
  signal: CancelSignal | undefined,
): Promise<void> {
  if (timeIndex === 0) return;
  const { timePoints } = await namingFile(path, readVolumeHeader(path, signal));
  if (timeIndex < timePoints) return;
  throw new GridMismatchError(
    `${path} holds ${timePoints === 1 ? 'one volume' : `${timePoints} volumes`}, and ${channels} channels are expected: give it as many, or name one file per channel.`,
  );
}

/**
 * Returns what the image of a case holds, in a few characters.
 * @throws FileAccessError
 * @throws CancelledError
 */
export async function imageFingerprints(
  { channels }: Pick<CaseFiles, 'channels'>,
  signal?: CancelSignal,
): Promise<string[]> {
  const byPath = new Map<string, string>();
  for (const path of channels) if (!byPath.has(path)) byPath.set(path, await volumeFingerprint(path, signal));
  return channels.map((path) => byPath.get(path) as string);
}

/** Returns a short hash of texts, in hexadecimal. */
export function shortHash(texts: readonly string[], characters: number): string {
  return createHash('sha256').update(JSON.stringify(texts)).digest('hex').slice(0, characters);
}
