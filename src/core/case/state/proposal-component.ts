import type { ReadonlyLabelMap } from '../../label/label-map.ts';

/** Consecutive voxels: linear offsets `[start, start + length)`. */
export interface VoxelRange {
  readonly start: number;
  readonly length: number;
}

/**
 * Finds the connected component (26 neighbours, one label) of a label map that a voxel lies in, as ranges within rows,
 * ascending. The first voxel of the first range names the component: the map of a proposal never changes.
 *
 * It goes from row to row over runs of voxels, and looks only at rows beside the component.
 *
 * @param voxel linear offset
 * @returns nothing where the voxel is background
 * @throws RangeError outside the volume
 */
export function componentAt(map: ReadonlyLabelMap, voxel: number): readonly VoxelRange[] {
  const label = map.get(voxel);
  if (label === 0) return [];
  const [nx, ny, nz] = map.shape;
  const rows = new Map<number, { readonly start: number; readonly length: number; found: boolean }[]>();
  const rowRuns = (row: number) => {
    const known = rows.get(row);
    if (known) return known;
    const runs: { start: number; length: number; found: boolean }[] = [];
    map.forEachRun(row * nx, nx, (runLabel, start, length) => {
      if (runLabel === label) runs.push({ start: start - row * nx, length, found: false });
    });
    rows.set(row, runs);
    return runs;
  };
  const found: VoxelRange[] = [];
  const open: { readonly row: number; readonly start: number; readonly length: number }[] = [];
  /** Visits the runs of a row that touch `[from, to)` along i. */
  const visit = (row: number, from: number, to: number) => {
    for (const run of rowRuns(row)) {
      if (run.found || run.start >= to || run.start + run.length <= from) continue;
      run.found = true;
      found.push({ start: row * nx + run.start, length: run.length });
      open.push({ row, start: run.start, length: run.length });
    }
  };
  const first = Math.floor(voxel / nx);
  visit(first, voxel - first * nx, voxel - first * nx + 1);
  for (let next = open.pop(); next; next = open.pop()) {
    const j = next.row % ny;
    const k = (next.row - j) / ny;
    for (let dk = k > 0 ? -1 : 0; dk <= (k < nz - 1 ? 1 : 0); dk++) {
      for (let dj = j > 0 ? -1 : 0; dj <= (j < ny - 1 ? 1 : 0); dj++) {
        if (dj !== 0 || dk !== 0) visit(next.row + dj + ny * dk, next.start - 1, next.start + next.length + 1);
      }
    }
  }
  return found.sort((a, b) => a.start - b.start);
}

/** Lists all voxels of one label, ascending. */
export function rangesOf(map: ReadonlyLabelMap, label: number): readonly VoxelRange[] {
  const ranges: VoxelRange[] = [];
  map.forEachRun(0, map.voxelCount, (runLabel, start, length) => {
    if (runLabel === label) ranges.push({ start, length });
  });
  return ranges;
}
