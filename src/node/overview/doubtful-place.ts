import type { CaseFiles } from '../../core/cohort/files/case.ts';
import { VoxelLoopError } from '../../core/errors.ts';
import { isPlaceDoubtful, labelFit } from '../../core/label/label-fit.ts';
import { readVolumeHeader } from '../volumes/read-volume.ts';

/**
 * Tells whether somebody must look before a label map that came complete is believed to lie where its header says,
 * because it is turned against its image, or lies elsewhere in space. It reads the two headers; if one cannot be read,
 * others report that.
 */
export async function isLabelPlaceDoubtful({ channels, labels, masks }: CaseFiles): Promise<boolean> {
  // Masks are read one by one when the case is opened.
  const source = masks?.[0].isLabelMap ? masks[0].path : labels;
  if (masks && source === labels) return false;
  try {
    const [image, labelled] = await Promise.all([readVolumeHeader(channels[0]), readVolumeHeader(source)]);
    return isPlaceDoubtful(labelFit(image.grid, labelled.grid).kind);
  } catch (error) {
    if (error instanceof VoxelLoopError) return false;
    throw error;
  }
}
