import { quantile } from '../../metrics/quantile.ts';
import type { ChannelNormalization } from '../plan/plan.ts';

/** Statistics are taken of at most so many voxels, evenly spread over the volume. */
const SAMPLES = 1 << 20;

/** What the values of one channel of one volume look like, for normalising it and for planning. */
export interface IntensityProfile {
  readonly min: number;
  readonly max: number;
  /**
   * Values are clipped to these: the 0.5th and 99.5th percentile. Where the background is masked out (see below) they
   * are the body's own, however small a share of the volume it is; `low` then leaves the background apart from the
   * body, by the body's range at most.
   */
  readonly low: number;
  readonly high: number;
  /** The mean of the values clipped to `[low, high]`. It is over the body where the background is masked out. */
  readonly mean: number;
  readonly standardDeviation: number;
  /**
   * The share of voxels that hold the lowest value. A tenth or more is a masked background, left out of mean and sd.
   */
  readonly lowestShare: number;
  /**
   * Says whether these are Hounsfield units, told by the numbers: there is air near -1000, nothing far below (but for
   * one value that fills what the scanner did not see) and something far above water. A crop without air is not
   * recognised; z-score serves it well too.
   */
  readonly hounsfield: boolean;
  /** What is above this value is body, and not background (see `bodyThreshold`). */
  readonly bodyAbove: number;
}

/**
 * A volume without any finite voxel has this profile. Its standard deviation is 1, so that dividing by it does no harm.
 */
const NOTHING_FINITE: IntensityProfile = {
  min: 0,
  max: 0,
  low: 0,
  high: 0,
  mean: 0,
  standardDeviation: 1,
  lowestShare: 0,
  hounsfield: false,
  bodyAbove: Number.NEGATIVE_INFINITY,
};

/** @returns `NOTHING_FINITE` if no voxel is finite */
export function intensityProfile(values: Float32Array): IntensityProfile {
  const stride = samplingStride(values.length);
  const sample = new Float32Array(Math.ceil(values.length / stride));
  let count = 0;
  for (let index = 0; index < values.length; index += stride) {
    if (Number.isFinite(values[index])) sample[count++] = values[index];
  }
  if (count === 0) return NOTHING_FINITE;
  const sorted = sample.subarray(0, count).sort();
  const lowest = firstAbove(sorted, sorted[0]);
  const lowestShare = lowest / count;
  const isMasked = lowestShare >= 0.1 && lowest < count;
  const body = isMasked ? sorted.subarray(lowest) : sorted;
  const darkest = quantile(body, 0.005);
  const high = quantile(body, 0.995);
  // A padding of -32768 would otherwise be all that the network sees.
  const low = isMasked ? Math.max(sorted[0], darkest - (high - darkest)) : darkest;
  let sum = 0;
  for (const value of body) sum += clamp(value, low, high);
  const mean = sum / body.length;
  let squares = 0;
  for (const value of body) squares += (clamp(value, low, high) - mean) ** 2;
  const profile = {
    min: sorted[0],
    max: sorted[count - 1],
    low,
    high,
    mean,
    // A constant volume has no contrast to scale.
    standardDeviation: Math.sqrt(squares / body.length) || 1,
    lowestShare,
    hounsfield: looksLikeHounsfield(sorted[0] < -1100 ? sorted.subarray(lowest) : sorted),
  };
  return { ...profile, bodyAbove: bodyThreshold(profile, sorted) };
}

/**
 * Says whether values look like Hounsfield units.
 * @param sorted the values without the padding
 */
function looksLikeHounsfield(sorted: Float32Array): boolean {
  const air = firstAbove(sorted, -800) - firstAbove(sorted, -1100);
  const low = quantile(sorted, 0.005);
  const high = quantile(sorted, 0.995);
  return low >= -1100 && high >= 40 && high <= 4096 && air >= 0.01 * sorted.length;
}

/** This lies halfway between lung and fat. */
const HOUNSFIELD_BODY = -300;

/**
 * Chooses the threshold. For Hounsfield units it is `HOUNSFIELD_BODY`, for a masked background the background's value;
 * else it is a tenth of the way from the darkest to the brightest (2nd to 98th percentile), as BET tells head from air
 * (Smith 2002).
 */
function bodyThreshold(profile: Omit<IntensityProfile, 'bodyAbove'>, sorted: Float32Array): number {
  if (profile.hounsfield) return HOUNSFIELD_BODY;
  if (profile.lowestShare >= 0.1) return profile.min;
  const dark = quantile(sorted, 0.02);
  return dark + 0.1 * (quantile(sorted, 0.98) - dark);
}

/**
 * Returns a stride without a common divisor with the voxel count, hence with no extent of the volume: a stride that
 * divided a row's length would look at one and the same column of every row, which may be air.
 */
function samplingStride(voxels: number): number {
  let stride = Math.max(1, Math.ceil(voxels / SAMPLES));
  while (greatestCommonDivisor(stride, voxels) > 1) stride++;
  return stride;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

/** Maps `y = (clamp(x, low, high) - mean) / standardDeviation`; a value that is not finite becomes 0 (the mean). */
export interface IntensityMap {
  readonly low: number;
  readonly high: number;
  readonly mean: number;
  readonly standardDeviation: number;
  /** A value above this one, before mapping, is body and not background. */
  readonly bodyAbove: number;
}

/** Makes the map for one channel of one volume. */
export function intensityMap(normalization: ChannelNormalization, values: Float32Array): IntensityMap {
  if (normalization.kind === 'z-score') return intensityProfile(values);
  // A window is planned for Hounsfield units, which an image without air cannot be recognised by.
  return { ...normalization, bodyAbove: HOUNSFIELD_BODY };
}

/** Normalises `values` in place. */
export function applyIntensityMap(map: IntensityMap, values: Float32Array): void {
  const { low, high, mean } = map;
  const scale = 1 / map.standardDeviation;
  for (let index = 0; index < values.length; index++) {
    const value = values[index];
    values[index] = Number.isFinite(value) ? (clamp(value, low, high) - mean) * scale : 0;
  }
}

/** Returns the index of the first element above `value`. */
function firstAbove(sorted: Float32Array, value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
