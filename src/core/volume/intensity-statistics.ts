import { type CancelSignal, throwIfCancelled } from '../cancel.ts';
import type { IntensityStatistics } from './volume-schemas.ts';
import { slabCount, type VoxelSource } from './voxel-source.ts';
import { copyRealValues } from './voxel-values.ts';

/** Percentiles come from so many voxels: those of a million samples are within a tenth of a percentile of the truth. */
const MAX_SAMPLES = 1 << 20;
/** So many voxels are turned into numbers at a time, so that they stay in the processor's cache. */
const BLOCK = 1 << 15;

/**
 * Computes statistics of the real-world values of `count` voxels from number `start` on (one time point). Every voxel
 * counts for the range, mean, standard deviation and the number that are not finite; percentiles come from up to 2^20
 * voxels, evenly spread. A source with `maxSlabs` set is asked for no more than that many slabs, and then all figures
 * are of those. With no finite voxel at all, every figure is 0.
 */
export async function measureIntensities(
  source: VoxelSource,
  start: number,
  count: number,
  options: { readonly maxSlabs?: number; readonly signal?: CancelSignal | undefined } = {},
): Promise<IntensityStatistics> {
  const firstSlab = Math.floor(start / source.voxelsPerSlab);
  const lastSlab = Math.min(slabCount(source), Math.ceil((start + count) / source.voxelsPerSlab)) - 1;
  const slabs = lastSlab - firstSlab + 1;
  const visited = Math.min(slabs, Math.max(1, options.maxSlabs ?? slabs));
  const stride = samplingStride(Math.ceil((count * (visited / slabs)) / MAX_SAMPLES));
  const samples = new Float32Array(Math.min(count, MAX_SAMPLES + visited));
  const moments = new Moments();
  const block = new Float64Array(BLOCK);
  let sampled = 0;
  for (let n = 0; n < visited; n++) {
    throwIfCancelled(options.signal);
    const index = firstSlab + Math.floor(((n + 0.5) * slabs) / visited);
    const slabStart = index * source.voxelsPerSlab;
    const from = Math.max(0, start - slabStart);
    const to = Math.min(source.voxelsPerSlab, start + count - slabStart);
    const slab = await source.slab(index);
    for (let at = from; at < to; at += BLOCK) {
      const length = Math.min(BLOCK, to - at);
      const span = { from: at, stride: 1, count: length, to: 0, toStride: 1 };
      copyRealValues(source.datatype, source.scaling, slab, span, block);
      moments.add(block, length);
    }
    const taken = Math.min(Math.ceil((to - from) / stride), samples.length - sampled);
    const span = { from, stride, count: taken, to: sampled, toStride: 1 };
    copyRealValues(source.datatype, source.scaling, slab, span, samples);
    sampled += taken;
  }
  return statisticsOf(moments, samples.subarray(0, sampled), count);
}

/**
 * Computes statistics of `values` themselves. Values that are not finite are counted and left out. `values` is sorted
 * in place.
 */
export function summarizeIntensities(values: Float32Array): IntensityStatistics {
  const moments = new Moments();
  moments.add(values, values.length);
  return statisticsOf(moments, values, values.length);
}

/** Gathers range, mean and deviation of numbers that come in portions. */
class Moments {
  voxels = 0;
  notFinite = 0;
  min = Number.POSITIVE_INFINITY;
  max = Number.NEGATIVE_INFINITY;
  /** Sums are of the distance from the first finite value: those of large, nearly equal numbers would cancel out. */
  #origin: number | undefined;
  #sum = 0;
  #squares = 0;

  add(values: Float64Array | Float32Array, length: number): void {
    let { notFinite, min, max } = this;
    // Fields are slow to look up for every voxel.
    this.#origin ??= values.subarray(0, length).find(Number.isFinite);
    const origin = this.#origin ?? 0;
    let sum = 0;
    let squares = 0;
    for (let n = 0; n < length; n++) {
      const value = values[n];
      // The difference is not 0 for NaN and both infinities.
      if (value - value !== 0) {
        notFinite++;
        continue;
      }
      if (value < min) min = value;
      if (value > max) max = value;
      const distance = value - origin;
      sum += distance;
      squares += distance * distance;
    }
    this.voxels += length;
    Object.assign(this, { notFinite, min, max });
    this.#sum += sum;
    this.#squares += squares;
  }

  get mean(): number {
    return (this.#origin ?? 0) + this.#sum / this.#finite;
  }

  get standardDeviation(): number {
    const mean = this.#sum / this.#finite;
    return Math.sqrt(Math.max(0, this.#squares / this.#finite - mean * mean));
  }

  get #finite(): number {
    return this.voxels - this.notFinite;
  }
}

/** @param sample is sorted in place */
function statisticsOf(moments: Moments, sample: Float32Array, allVoxels: number): IntensityStatistics {
  const { voxels, notFinite, min, max, mean, standardDeviation } = moments;
  let finite = 0;
  for (const value of sample) if (Number.isFinite(value)) sample[finite++] = value;
  const figures = { voxels, allVoxels, sampled: sample.length, notFinite };
  if (notFinite === voxels) return { min: 0, max: 0, mean: 0, standardDeviation: 0, low: 0, high: 0, ...figures };
  const sorted = sample.subarray(0, finite).sort();
  // The few finite voxels of a large volume may all lie beside the sample.
  const [low, high] = finite === 0 ? [min, max] : [quantile(sorted, 0.005), quantile(sorted, 0.995)];
  return { min, max, mean, standardDeviation, low, high, ...figures };
}

/** Interpolates linearly between order statistics, as `numpy.quantile` does by default. */
function quantile(sorted: Float32Array, fraction: number): number {
  const position = (sorted.length - 1) * fraction;
  const below = Math.floor(position);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (sorted[above] - sorted[below]) * (position - below);
}

/**
 * Returns a prime stride of at least `wanted`: image sizes are products of small numbers, and a stride that divides a
 * row's length would sample few columns only.
 */
function samplingStride(wanted: number): number {
  if (wanted <= 1) return 1;
  for (let stride = Math.max(wanted, 11); ; stride++) {
    let prime = true;
    for (let factor = 2; factor * factor <= stride && prime; factor++) prime = stride % factor !== 0;
    if (prime) return stride;
  }
}
