import { type CancelSignal, throwIfCancelled } from '../cancel.ts';
import type { IntensityStatistics } from '../protocol/schemas.ts';
import { slabCount, type VoxelSource } from './voxel-source.ts';
import { copyRealValues } from './voxel-values.ts';

/** How many voxels are looked at: percentiles of a million samples are within a tenth of a percentile of the truth. */
const MAX_SAMPLES = 1 << 20;

/**
 * Statistics of the real-world values of `count` voxels from number `start` on (one time point). Up to 2^20 voxels are
 * all looked at; of more, an even sample. A source with `maxSlabs` set is asked for no more than that many slabs.
 * With no finite voxel at all, every figure is 0.
 */
export async function intensityStatistics(
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
  let sampled = 0;
  for (let n = 0; n < visited; n++) {
    throwIfCancelled(options.signal);
    const index = firstSlab + Math.floor(((n + 0.5) * slabs) / visited);
    const slabStart = index * source.voxelsPerSlab;
    const from = Math.max(0, start - slabStart);
    const to = Math.min(source.voxelsPerSlab, start + count - slabStart);
    const taken = Math.min(Math.ceil((to - from) / stride), samples.length - sampled);
    const span = { from, stride, count: taken, to: sampled, toStride: 1 };
    copyRealValues(source.datatype, source.scaling, await source.slab(index), span, samples);
    sampled += taken;
  }
  return summarizeIntensities(samples.subarray(0, sampled));
}

/** Statistics of `values` themselves; not finite ones are counted and left out. `values` is sorted in place. */
export function summarizeIntensities(values: Float32Array): IntensityStatistics {
  let finite = 0;
  let sum = 0;
  for (let n = 0; n < values.length; n++) {
    const value = values[n];
    if (!Number.isFinite(value)) continue;
    values[finite++] = value;
    sum += value;
  }
  const notFinite = values.length - finite;
  if (finite === 0) {
    return { min: 0, max: 0, mean: 0, standardDeviation: 0, low: 0, high: 0, sampled: values.length, notFinite };
  }
  const sorted = values.subarray(0, finite).sort();
  const mean = sum / finite;
  let squares = 0;
  for (let n = 0; n < finite; n++) squares += (sorted[n] - mean) ** 2;
  return {
    min: sorted[0],
    max: sorted[finite - 1],
    mean,
    standardDeviation: Math.sqrt(squares / finite),
    low: quantile(sorted, 0.005),
    high: quantile(sorted, 0.995),
    sampled: values.length,
    notFinite,
  };
}

/** Linear interpolation between order statistics, as `numpy.quantile` does by default. */
function quantile(sorted: Float32Array, fraction: number): number {
  const position = (sorted.length - 1) * fraction;
  const below = Math.floor(position);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (sorted[above] - sorted[below]) * (position - below);
}

/**
 * A prime stride of at least `wanted`: image sizes are products of small numbers, and a stride that divides a row's
 * length would sample few columns only.
 */
function samplingStride(wanted: number): number {
  if (wanted <= 1) return 1;
  for (let stride = Math.max(wanted, 11); ; stride++) {
    let prime = true;
    for (let factor = 2; factor * factor <= stride && prime; factor++) prime = stride % factor !== 0;
    if (prime) return stride;
  }
}
