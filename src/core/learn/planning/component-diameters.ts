import type { VoxelGrid } from '../../geometry/grid.ts';
import type { Vec3, VoxelAxis } from '../../geometry/vector.ts';
import { connectedComponents } from '../../volume/connected-components.ts';
import type { CaseTruth } from '../planes/volume-input.ts';

/** Voxels that hang together by faces, edges or corners: how many they are, and along how many slices of each axis. */
export interface ComponentExtent {
  readonly voxels: number;
  readonly extent: Vec3;
}

/**
 * Finds the connected components of each label, by class (background left out).
 * @param classes the number of classes, background included
 */
export function componentsByClass(
  { shape }: Pick<VoxelGrid, 'shape'>,
  { classes: truth }: CaseTruth,
  classes: number,
): ComponentExtent[][] {
  const boxes = labelBoxes(truth, shape, classes);
  return boxes.slice(1).map(({ min, max }, index) => {
    const size = [0, 1, 2].map((axis) => Math.max(0, max[axis] - min[axis])) as unknown as Vec3;
    const mask = new Uint8Array(size[0] * size[1] * size[2]);
    let write = 0;
    for (let k = min[2]; k < max[2]; k++) {
      for (let j = min[1]; j < max[1]; j++) {
        let read = min[0] + shape[0] * (j + shape[1] * k);
        for (let i = 0; i < size[0]; i++) mask[write++] = truth[read++] === index + 1 ? 1 : 0;
      }
    }
    return connectedComponents(mask, size, 26).components.map((found) => ({
      voxels: found.voxels,
      extent: [found.max[0] - found.min[0], found.max[1] - found.min[1], found.max[2] - found.min[2]] as const,
    }));
  });
}

/**
 * Says how large a component looks in slices along `axis`: the diameter in mm of the circle of its mean cross-section.
 * (Its volume would not do: where few slices are accepted, the others are missing from it.)
 */
export function crossSectionDiameterMm({ voxels, extent }: ComponentExtent, spacingMm: Vec3, axis: VoxelAxis): number {
  const pixelMm2 = (spacingMm[0] * spacingMm[1] * spacingMm[2]) / spacingMm[axis];
  return 2 * Math.sqrt(((voxels / extent[axis]) * pixelMm2) / Math.PI);
}

interface MutableBox {
  readonly min: [number, number, number];
  readonly max: [number, number, number];
}

/** Finds the box `[min, max)` around each class. It is empty (`max` below `min`) where the class is absent. */
function labelBoxes(truth: Int16Array, [nx, ny, nz]: Vec3, classes: number): MutableBox[] {
  const boxes = Array.from({ length: classes }, (): MutableBox => ({ min: [nx, ny, nz], max: [0, 0, 0] }));
  for (let k = 0, offset = 0; k < nz; k++) {
    for (let j = 0; j < ny; j++) {
      for (let i = 0; i < nx; i++) {
        const label = truth[offset++];
        if (label <= 0) continue;
        const { min, max } = boxes[label];
        if (i < min[0]) min[0] = i;
        if (j < min[1]) min[1] = j;
        if (k < min[2]) min[2] = k;
        if (i >= max[0]) max[0] = i + 1;
        if (j >= max[1]) max[1] = j + 1;
        if (k >= max[2]) max[2] = k + 1;
      }
    }
  }
  return boxes;
}
