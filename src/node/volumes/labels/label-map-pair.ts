import type { CancelSignal } from '../../../core/cancel.ts';
import { gridDifference } from '../../../core/geometry/compare-grids.ts';
import { voxelCount } from '../../../core/geometry/grid.ts';
import { LabelLikeValues } from '../../../core/volume/looks-like-labels.ts';
import { isOneNumber } from '../../../core/volume/voxel-type.ts';
import { copyRealValues } from '../../../core/volume/voxel-values.ts';
import { namingFile } from '../../files/file-errors.ts';
import { VolumeFile } from '../stored/volume-file.ts';
import { streamSlabs } from '../stored/voxel-slabs.ts';

/** Says which of two files may be the label map of the other, and what it holds. */
export interface LabelMapPair {
  readonly labels: string;
  readonly image: string;
  /** All values that the label map holds, ascending. */
  readonly values: readonly number[];
}

/**
 * Looks into two files. One is a label map of the other if both lie on one grid, one holds few whole numbers and
 * nothing else, and the other does not. Voxels are read only of files on one grid, and of an image only until it shows
 * that it is one.
 *
 * @returns null if neither is
 * @throws VolumeFileError, FileAccessError, CancelledError
 */
export async function lookAtPair(
  [one, other]: readonly [string, string],
  signal?: CancelSignal,
): Promise<LabelMapPair | null> {
  const first = await namingFile(one, VolumeFile.open(one, signal));
  try {
    const second = await namingFile(other, VolumeFile.open(other, signal));
    try {
      if (gridDifference(first.header.grid, second.header.grid) !== undefined) return null;
      const ofFirst = await wholeValues(first, signal);
      const ofSecond = await wholeValues(second, signal);
      // A file with one value everywhere is neither: an empty label map would pass for an image.
      if (ofFirst && ofFirst.length > 1 && ofSecond === null) return { labels: one, image: other, values: ofFirst };
      if (ofSecond && ofSecond.length > 1 && ofFirst === null) return { labels: other, image: one, values: ofSecond };
      return null;
    } finally {
      await second.close();
    }
  } finally {
    await first.close();
  }
}

/** The values of a file that holds few whole numbers; they are null for an image. */
async function wholeValues(file: VolumeFile, signal: CancelSignal | undefined): Promise<readonly number[] | null> {
  const { datatype, scaling, timePoints, grid } = file.header;
  if (timePoints > 1 || !isOneNumber(datatype)) return null;
  const found = new LabelLikeValues();
  for await (const slab of streamSlabs(file, 0, voxelCount(grid), signal)) {
    const values = new Float64Array(slab.count);
    copyRealValues(
      datatype,
      scaling,
      slab.bytes,
      { from: 0, stride: 1, count: slab.count, to: 0, toStride: 1 },
      values,
    );
    if (!found.take(values)) return null;
  }
  return found.values;
}
