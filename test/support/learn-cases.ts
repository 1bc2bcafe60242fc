import type { VoxelGrid } from '../../src/core/geometry/grid.ts';
import type { Vec3 } from '../../src/core/geometry/vector.ts';
import type { CaseTruth, ImageVolume } from '../../src/core/learn/planes/volume-input.ts';
import { SeededRandom } from '../../src/core/random.ts';

/** An axis-aligned RAS grid. */
export function rasGrid(shape: Vec3, spacingMm: Vec3 = [1, 1, 1]): VoxelGrid {
  const [x, y, z] = spacingMm;
  return { shape, spacingMm, voxelToWorld: [x, 0, 0, 0, 0, y, 0, 0, 0, 0, z, 0, 0, 0, 0, 1] };
}

/**
 * A volume of noise (mean 0) with two bright balls, label 1 (value 4) and label 2 (value 8), at places that depend on
 * the seed: learnable in a few dozen steps, and not by position alone.
 * @param trains by slice along k; the others are ignored
 */
export function ballCase(
  seed: number,
  shape: Vec3 = [24, 20, 8],
  trains: (slice: number) => boolean = () => true,
): { image: ImageVolume; truth: CaseTruth } {
  const random = new SeededRandom(seed);
  const [nx, ny, nz] = shape;
  const radius = Math.min(nx, ny, nz) / 3.2;
  const centre = (from: number, to: number) => random.uniform(from, to);
  const balls = [
    { label: 1, x: centre(radius, nx / 2 - 1), y: centre(radius, ny - radius), z: centre(radius, nz - radius) },
    { label: 2, x: centre(nx / 2 + 1, nx - radius), y: centre(radius, ny - radius), z: centre(radius, nz - radius) },
  ];
  const values = new Float32Array(nx * ny * nz);
  const classes = new Int16Array(values.length);
  for (let offset = 0; offset < values.length; offset++) {
    const [i, j, k] = [offset % nx, Math.floor(offset / nx) % ny, Math.floor(offset / (nx * ny))];
    const ball = balls.find(({ x, y, z }) => (i - x) ** 2 + (j - y) ** 2 + (k - z) ** 2 <= radius ** 2);
    const label = ball?.label ?? 0;
    classes[offset] = trains(k) ? label : -1;
    values[offset] = label * 4 + random.normal(0, 0.5);
  }
  return { image: { grid: rasGrid(shape), channels: [values] }, truth: { classes } };
}

export const BALL_LABELS = [
  { value: 0, name: 'background', color: '#000000' },
  { value: 1, name: 'left ball', color: '#ff0000' },
  { value: 2, name: 'right ball', color: '#00ff00' },
];

/** A grid whose voxel axis `n` runs along world axis `order[n]`, backwards where `signs[n]` is -1; world from 0 up. */
export function orientedGrid(
  worldShape: Vec3,
  worldSpacing: Vec3,
  order: readonly number[],
  signs: readonly number[],
): VoxelGrid {
  const affine = new Array<number>(16).fill(0);
  affine[15] = 1;
  order.forEach((worldAxis, axis) => {
    affine[4 * worldAxis + axis] = signs[axis] * worldSpacing[worldAxis];
    if (signs[axis] < 0) affine[4 * worldAxis + 3] = (worldShape[worldAxis] - 1) * worldSpacing[worldAxis];
  });
  return {
    shape: order.map((worldAxis) => worldShape[worldAxis]) as unknown as Vec3,
    spacingMm: order.map((worldAxis) => worldSpacing[worldAxis]) as unknown as Vec3,
    voxelToWorld: affine,
  };
}
