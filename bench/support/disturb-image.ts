import type { ImageVolume } from '../../src/core/learn/planes/volume-input.ts';
import { SeededRandom } from '../../src/core/random.ts';

/** What another scanner, another protocol or a mistake does to an image. */
export const DISTURBANCES = ['noise', 'gamma', 'inverted', 'blur'] as const;
export type Disturbance = (typeof DISTURBANCES)[number];

/**
 * - `noise`: Gaussian, 0.6 standard deviations of the image.
 * - `gamma`: the brightest stays, what is darker gets darker (power 2.2).
 * - `inverted`: bright is dark.
 * - `blur`: mean of 5 x 5 voxels along i and j.
 */
export function disturbImage(image: ImageVolume, how: Disturbance, seed: number): ImageVolume {
  return { ...image, channels: image.channels.map((values) => disturbed(values, image, how, seed)) };
}

function disturbed(values: Float32Array, { grid }: ImageVolume, how: Disturbance, seed: number): Float32Array {
  const brightest = values.reduce((most, value) => Math.max(most, value), 0);
  switch (how) {
    case 'noise': {
      const random = new SeededRandom(seed);
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
      return values.map((value) => value + random.normal(0, 0.6 * Math.sqrt(variance)));
    }
    case 'gamma':
      return values.map((value) => brightest * (Math.max(0, value) / brightest) ** 2.2);
    case 'inverted':
      return values.map((value) => brightest - value);
    case 'blur':
      return blurred(values, grid.shape[0], grid.shape[1]);
  }
}

function blurred(values: Float32Array, nx: number, ny: number): Float32Array {
  return values.map((_, voxel) => {
    const [i, j] = [voxel % nx, Math.floor(voxel / nx) % ny];
    let [sum, count] = [0, 0];
    for (let dj = -2; dj <= 2; dj++) {
      for (let di = -2; di <= 2; di++) {
        if (i + di < 0 || i + di >= nx || j + dj < 0 || j + dj >= ny) continue;
        sum += values[voxel + di + dj * nx] as number;
        count++;
      }
    }
    return sum / count;
  });
}
