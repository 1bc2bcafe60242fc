import type { VoxelGrid } from '../../geometry/grid.ts';
import { type Component, type Components, connectedComponents } from '../../volume/connected-components.ts';
import type { CleanUp } from '../plan/plan.ts';

/** Returns the volume of one voxel. */
export function voxelVolumeMm3({ spacingMm }: Pick<VoxelGrid, 'spacingMm'>): number {
  return spacingMm[0] * spacingMm[1] * spacingMm[2];
}

/**
 * Finds the components of one class of a volume, with 26 neighbours. It looks only at the slabs between its first and
 * last voxel.
 */
export function classComponents(
  classes: Uint8Array | Uint16Array,
  label: number,
  { shape }: Pick<VoxelGrid, 'shape'>,
): Components {
  const [nx, ny] = shape;
  const plane = nx * ny;
  const k = Math.max(0, Math.floor(classes.indexOf(label) / plane));
  const slab = classes.subarray(k * plane, (Math.floor(classes.lastIndexOf(label) / plane) + 1) * plane);
  const mask = new Uint8Array(slab.length);
  for (let voxel = 0; voxel < slab.length; voxel++) if (slab[voxel] === label) mask[voxel] = 1;
  const found = connectedComponents(mask, [nx, ny, slab.length / plane], 26);
  return {
    ...found,
    shape,
    components: found.components.map(({ voxels, min, max }) => ({
      voxels,
      min: [min[0], min[1], min[2] + k],
      max: [max[0], max[1], max[2] + k],
    })),
    runStarts: found.runStarts.map((start) => start + k * plane),
  };
}

/**
 * Says which components of one label stay. `largest-component` keeps the one of most voxels, of equals the first;
 * `remove-smaller` keeps those of at least the volume.
 */
export function componentsKept(
  components: readonly Pick<Component, 'voxels'>[],
  rule: CleanUp,
  voxelMm3: number,
): boolean[] {
  switch (rule.kind) {
    case 'none':
      return components.map(() => true);
    case 'largest-component': {
      const most = components.reduce((largest, { voxels }) => Math.max(largest, voxels), 0);
      const first = components.findIndex(({ voxels }) => voxels === most);
      return components.map((_, index) => index === first);
    }
    case 'remove-smaller':
      return components.map(({ voxels }) => voxels * voxelMm3 >= rule.volumeMm3);
  }
}

/**
 * Removes components of a prediction in place. They become background (as in nnU-Net), so that the labels do not depend
 * on one another. Beside the volume it holds one byte per voxel.
 *
 * @param classes index into the plan's labels by voxel
 * @param rules by label, background left out
 */
export function cleanUpClasses(
  classes: Uint8Array | Uint16Array,
  grid: Pick<VoxelGrid, 'shape' | 'spacingMm'>,
  rules: readonly CleanUp[],
): void {
  const voxelMm3 = voxelVolumeMm3(grid);
  for (const [index, rule] of rules.entries()) {
    if (rule.kind === 'none') continue;
    const { components, runStarts, runLengths, runIds } = classComponents(classes, index + 1, grid);
    const kept = componentsKept(components, rule, voxelMm3);
    for (let run = 0; run < runStarts.length; run++) {
      if (!kept[runIds[run] - 1]) classes.fill(0, runStarts[run], runStarts[run] + runLengths[run]);
    }
  }
}
