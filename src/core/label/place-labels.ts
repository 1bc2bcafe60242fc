import { type LatticePlacement, placeVoxel } from '../geometry/lattice.ts';
import type { Vec3 } from '../geometry/vector.ts';
import { LabelMap, type ReadonlyLabelMap } from './label-map.ts';
import { LabelMapShapeError } from './label-map-errors.ts';

/**
 * The labels of `inner` at their places in a label map of `shape`; everything else is background.
 * @throws LabelMapShapeError if a labelled voxel lies outside of `shape`: no label is ever cut off without a word
 */
export function placeLabels(inner: ReadonlyLabelMap, placement: LatticePlacement, shape: Vec3): LabelMap {
  const placed = new LabelMap(shape);
  const [ni, nj] = inner.shape;
  const rowKeepsDirection = placement.axes[0] === 0;
  let lost = 0;
  inner.forEachRun(0, inner.voxelCount, (label, start, length) => {
    if (label === 0) return;
    for (let at = start; at < start + length; ) {
      const i = at % ni;
      const row = Math.floor(at / ni);
      const inRow = Math.min(ni - i, start + length - at);
      const steps = rowKeepsDirection ? [[i, inRow]] : Array.from({ length: inRow }, (_, n) => [i + n, 1]);
      for (const [first, count] of steps) {
        lost += fillRow(placed, placement, [first, row % nj, Math.floor(row / nj)], count, label);
      }
      at += inRow;
    }
  });
  if (lost > 0) {
    throw new LabelMapShapeError(
      `${lost} labelled voxels of this file lie outside of its image: they do not belong together. Rename or replace the label file, then open the image again.`,
    );
  }
  return placed;
}

/** Fills `count` voxels along the outer i axis. @returns how many of them lie outside */
function fillRow(target: LabelMap, placement: LatticePlacement, voxel: Vec3, count: number, label: number): number {
  const [ni, nj, nk] = target.shape;
  const [i, j, k] = placeVoxel(placement, voxel);
  if (j < 0 || j >= nj || k < 0 || k >= nk) return count;
  const lowest = placement.axes[0] === 0 && placement.signs[0] < 0 ? i - count + 1 : i;
  const from = Math.max(0, lowest);
  const to = Math.min(ni, lowest + count);
  if (to <= from) return count;
  target.fill(from + ni * (j + nj * k), to - from, label);
  return count - (to - from);
}
