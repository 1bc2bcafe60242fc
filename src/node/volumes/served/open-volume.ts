import type { CancelSignal } from '../../../core/cancel.ts';
import { VolumeFile } from '../stored/volume-file.ts';
import { InflatedVoxels } from './inflated-voxels.ts';
import { PositionedVoxels } from './positioned-voxels.ts';
import type { ServedVolume } from './served-volume.ts';

/**
 * Opens a volume for viewing. A compressed file is inflated from its start in the background; a plain one is read where
 * slices need it. About `memoryBudgetBytes` of voxels at most are kept in memory.
 * @throws VolumeFileError, FileAccessError, CancelledError
 */
export async function openVolume(
  path: string,
  options: { readonly memoryBudgetBytes: number; readonly signal?: CancelSignal | undefined },
): Promise<ServedVolume> {
  const file = await VolumeFile.open(path, options.signal);
  try {
    await file.unpackInterleaved(options.signal);
  } catch (error) {
    await file.close();
    throw error;
  }
  return file.compressed
    ? new InflatedVoxels(file, options.memoryBudgetBytes)
    : new PositionedVoxels(file, options.memoryBudgetBytes);
}
