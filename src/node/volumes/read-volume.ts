import type { CancelSignal } from '../../core/cancel.ts';
import { voxelCount } from '../../core/geometry/grid.ts';
import type { Volume } from '../../core/volume/volume.ts';
import { VolumeFileError } from '../../core/volume/volume-file-error.ts';
import type { VolumeHeader } from '../../core/volume/volume-header.ts';
import { copyRealValues } from '../../core/volume/voxel-values.ts';
import { VolumeFile } from './stored/volume-file.ts';
import { streamSlabs } from './stored/voxel-slabs.ts';

/** A volume as one array takes at most one `Float32Array` of 4 GiB. */
const MAX_VOXELS_IN_MEMORY = 2 ** 30;

/**
 * Reads the header of a volume. Voxels are not read: of a compressed file only the first kilobytes are.
 * @throws VolumeFileError, FileAccessError, CancelledError
 */
export async function readVolumeHeader(path: string, signal?: CancelSignal): Promise<VolumeHeader> {
  const file = await VolumeFile.open(path, signal);
  await file.close();
  return file.header;
}

/**
 * Reads one time point of a volume as real-world values, for the engine and the CLI. A compressed file is inflated no
 * further than the time point's end.
 * @param options.timeIndex the 3-D volume of a 4-D file; the default is 0
 * @throws VolumeFileError (`volume-too-large` above 2^30 voxels), FileAccessError, CancelledError, RangeError if there
 * is no such time point
 */
export async function readVolume(
  path: string,
  options: { readonly timeIndex?: number; readonly signal?: CancelSignal | undefined } = {},
): Promise<Volume> {
  const file = await VolumeFile.open(path, options.signal);
  try {
    const { header } = file;
    const { timeIndex = 0, signal } = options;
    const count = voxelCount(header.grid);
    if (!(Number.isInteger(timeIndex) && timeIndex >= 0 && timeIndex < header.timePoints)) {
      throw new RangeError(`There is no time point ${timeIndex} in ${path}: it has ${header.timePoints}.`);
    }
    if (count > MAX_VOXELS_IN_MEMORY) {
      throw new VolumeFileError(
        'volume-too-large',
        `This volume has ${header.grid.shape.join(' x ')} voxels, too many to hold in memory at once; crop it or lower its resolution.`,
      );
    }
    // Values are collected as they come: what a header claims is allocated only after as many bytes have been seen.
    const parts: Float32Array[] = [];
    for await (const slab of streamSlabs(file, timeIndex * count, count, signal)) {
      const values = new Float32Array(slab.count);
      const span = { from: 0, stride: 1, count: slab.count, to: 0, toStride: 1 };
      copyRealValues(header.datatype, header.scaling, slab.bytes, span, values);
      parts.push(values);
    }
    const data = parts.length === 1 ? parts[0] : joined(parts, count);
    const warnings = file.note === null ? header.warnings : [...header.warnings, file.note];
    return { grid: header.grid, data, header: { ...header, warnings } };
  } finally {
    await file.close();
  }
}

/** Joins the parts and empties `parts`, so that no more than one part exists twice for long. */
function joined(parts: Float32Array[], length: number): Float32Array {
  const data = new Float32Array(length);
  let at = 0;
  for (let part = parts.shift(); part; part = parts.shift()) {
    data.set(part, at);
    at += part.length;
  }
  return data;
}
