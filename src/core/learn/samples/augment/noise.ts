import type { SeededRandom } from '../../../random.ts';

/** Each 32-bit number gives two values: 12 bits choose one of these. */
const LEVELS = 4096;

/** Values of the normal distribution, each equally likely, with mean 0 and standard deviation 1 exactly. */
const NORMAL = normalLevels();

/** Adds Gaussian noise in place, different for every pixel. */
export function addNoise(values: Float32Array, standardDeviation: number, random: SeededRandom): void {
  let index = 0;
  for (; index + 1 < values.length; index += 2) {
    const bits = random.uint32();
    values[index] += standardDeviation * NORMAL[bits >>> 20];
    values[index + 1] += standardDeviation * NORMAL[(bits >>> 8) % LEVELS];
  }
  if (index < values.length) values[index] += standardDeviation * NORMAL[random.uint32() >>> 20];
}

/** Finds the quantiles in the middle of `LEVELS` equal shares, on the cumulative sum of the bell curve. */
function normalLevels(): Float32Array {
  const half = LEVELS / 2;
  const quantiles = new Float64Array(half);
  // Simpson's rule goes from 0 upwards in steps far finer than the distance between two levels.
  const step = 1e-3;
  const density = (x: number) => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
  let share = 0;
  let found = 0;
  for (let x = 0; found < half && x < 6; x += step) {
    const next = share + (step / 6) * (density(x) + 4 * density(x + step / 2) + density(x + step));
    while (found < half && (found + 0.5) / LEVELS <= next) {
      quantiles[found] = x + (step * ((found + 0.5) / LEVELS - share)) / (next - share);
      found++;
    }
    share = next;
  }
  const scale = 1 / Math.sqrt(quantiles.reduce((sum, value) => sum + value * value, 0) / half);
  const levels = new Float32Array(LEVELS);
  quantiles.forEach((value, index) => {
    levels[half + index] = value * scale;
    levels[half - 1 - index] = -value * scale;
  });
  return levels;
}
