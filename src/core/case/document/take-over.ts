import type { Vec3, VoxelAxis } from '../../geometry/vector.ts';
import type { LabelEdit } from '../../label/label-edit.ts';
import { RunCollector } from '../../label/label-edit-builder.ts';
import type { ReadonlyLabelMap } from '../../label/label-map.ts';
import type { VoxelRange } from '../state/proposal-component.ts';
import { forEachSlicePiece, forEachSliceRange } from '../state/slice-pieces.ts';

/**
 * Turns a proposal into labels on some slices: its voxels fill what is BACKGROUND there. Labels that are there already
 * (from a label file, from a colleague) win, for a proposal can never overwrite what a person drew; where the proposal
 * says background nothing changes.
 *
 * @param proposal on the same grid as `labels`
 * @param axis the review axis; `slices` are indices along it
 * @param only the voxels to take over, ascending and disjoint; without it all are
 */
export function takeOverEdit(
  labels: ReadonlyLabelMap,
  proposal: ReadonlyLabelMap,
  axis: VoxelAxis,
  slices: ReadonlySet<number>,
  only?: readonly VoxelRange[],
): LabelEdit {
  const runs = new RunCollector();
  const fill = (start: number, length: number) =>
    proposal.forEachRun(start, length, (label, runStart, runLength) => {
      if (label === 0) return;
      labels.forEachRun(runStart, runLength, (before, at, count) => {
        if (before === 0) runs.add(at, count, 0, label);
      });
    });
  const fillOnSlices = (start: number, length: number) =>
    forEachSlicePiece(labels.shape, axis, start, length, (slice, at, count) => {
      if (slices.has(slice)) fill(at, count);
    });
  if (only) {
    for (const { start, length } of only) fillOnSlices(start, length);
  } else if (slices.size === 1) {
    for (const slice of slices) forEachSliceRange(labels.shape, axis, slice, fill);
  } else if (slices.size > 1) {
    proposal.forEachRun(0, proposal.voxelCount, (label, start, length) => {
      if (label !== 0) fillOnSlices(start, length);
    });
  }
  return runs.finish();
}

/** Counts how many voxels an edit changes on each slice along `axis`; slices without any are left out. */
export function changedVoxels({ runs }: LabelEdit, shape: Vec3, axis: VoxelAxis): Map<number, number> {
  const voxels = new Map<number, number>();
  for (const run of runs) {
    forEachSlicePiece(shape, axis, run.start, run.length, (slice, _start, length) => {
      voxels.set(slice, (voxels.get(slice) ?? 0) + length);
    });
  }
  return voxels;
}
