import { createHash, type Hash } from 'node:crypto';
import type { CancelSignal } from '../../../core/cancel.ts';
import { OWN_FORMAT } from '../../../core/formats/registry.ts';
import { VolumeFileError } from '../../../core/volume/volume-file-error.ts';
import { VolumeFile } from '../stored/volume-file.ts';

/**
 * Label files that were predicted say so in their header (`descrip`), with a digest of their voxels: other programs
 * keep the text when somebody corrects the labels, but then the digest no longer fits.
 */
const PREFIX = 'Predicted by Voxel Loop ';

/** The description of a predicted label file. @param voxels its bytes behind the header, in any pieces */
export function predictionMark(voxels: Iterable<Uint8Array>): string {
  const hash = createHash('sha256');
  for (const piece of voxels) hash.update(piece);
  return markOf(hash);
}

function markOf(hash: Hash): string {
  return PREFIX + hash.digest('hex').slice(0, 32);
}

/**
 * Tells whether a label file was predicted and not changed since: it can be predicted again, so replacing it loses
 * nothing.
 *
 * @throws FileAccessError, CancelledError
 */
export async function isUntouchedPrediction(path: string, signal?: CancelSignal): Promise<boolean> {
  try {
    const file = await VolumeFile.open(path, signal);
    try {
      const description = OWN_FORMAT.writing.description(file.header);
      if (!description.startsWith(PREFIX)) return false;
      const hash = createHash('sha256');
      for await (const piece of file.voxelBytes(0, file.header.dataLength, signal)) hash.update(piece);
      return markOf(hash) === description;
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof VolumeFileError) return false;
    throw error;
  }
}
