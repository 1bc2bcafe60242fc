import type { VoxelAxis } from '../../geometry/vector.ts';
import type { ReadonlyLabelMap } from '../../label/label-map.ts';
import { forEachSlicePiece } from '../state/slice-pieces.ts';

/** Finds the slices along `axis` on which a label map has a label. */
export function labelledSlices(labels: ReadonlyLabelMap, axis: VoxelAxis): Set<number> {
  const found = new Set<number>();
  labels.forEachRun(0, labels.voxelCount, (label, start, length) => {
    if (label !== 0) forEachSlicePiece(labels.shape, axis, start, length, (slice) => found.add(slice));
  });
  return found;
}
