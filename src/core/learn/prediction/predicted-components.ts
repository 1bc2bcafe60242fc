import type { PredictedComponent } from '../../case/state/predicted-component.ts';
import type { VoxelGrid } from '../../geometry/grid.ts';
import type { Component } from '../../volume/connected-components.ts';
import { classComponents, voxelVolumeMm3 } from './clean-up.ts';

/** A prediction that falls into more pieces is noise, and only its largest ones are told. */
export const MOST_COMPONENTS = 1000;

/**
 * Lists the components of a prediction, label by label, in the order of their first voxel; of more than 1000 only the
 * largest.
 *
 * @param doubt see `doubtOf`, by voxel
 * @param classes index into the model's labels by voxel
 * @param labels number of labels, background included
 */
export function predictedComponents(
  doubt: Uint8Array,
  classes: Uint8Array | Uint16Array,
  grid: VoxelGrid,
  labels: number,
): PredictedComponent[] {
  const voxelMm3 = voxelVolumeMm3(grid);
  const [nx, ny] = grid.shape;
  const found: PredictedComponent[] = [];
  for (let label = 1; label < labels; label++) {
    const { components, runStarts, runLengths, runIds } = classComponents(classes, label, grid);
    const sums = components.map(() => ({ doubt: 0, i: 0, j: 0, k: 0 }));
    for (let run = 0; run < runStarts.length; run++) {
      const sum = sums[runIds[run] - 1];
      const [start, length] = [runStarts[run], runLengths[run]];
      const row = Math.floor(start / nx);
      sum.i += length * ((start % nx) + (length - 1) / 2);
      sum.j += length * (row % ny);
      sum.k += length * Math.floor(row / ny);
      for (let voxel = start; voxel < start + length; voxel++) sum.doubt += doubt[voxel];
    }
    components.forEach((component, index) => {
      found.push(describe(label, component, sums[index], voxelMm3));
    });
  }
  if (found.length <= MOST_COMPONENTS) return found;
  const largest = new Set([...found].sort((a, b) => b.volumeMm3 - a.volumeMm3).slice(0, MOST_COMPONENTS));
  return found.filter((component) => largest.has(component));
}

function describe(
  label: number,
  { voxels, min, max }: Component,
  sum: { readonly doubt: number; readonly i: number; readonly j: number; readonly k: number },
  voxelMm3: number,
): PredictedComponent {
  return {
    label,
    uncertainty: sum.doubt / 255 / voxels,
    volumeMm3: voxels * voxelMm3,
    min,
    max,
    centreVoxel: [sum.i / voxels, sum.j / voxels, sum.k / voxels],
  };
}
