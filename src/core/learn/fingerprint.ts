import { type IntensityProfile, intensityProfile, percentile } from './intensity.ts';
import type { SliceFrame } from './slice-frame.ts';
import type { CaseTruth, ImageVolume } from './volume-input.ts';

/** How many labelled voxels of a case are kept per channel to plan an intensity window from. */
const FOREGROUND_SAMPLES = 5000;

/** What planning wants to know of one case. */
export interface CaseFingerprint {
  readonly slices: number;
  readonly rows: number;
  readonly columns: number;
  readonly sliceSpacingMm: number;
  readonly rowSpacingMm: number;
  readonly columnSpacingMm: number;
  /** Per channel. */
  readonly intensities: readonly IntensityProfile[];
  /** Per channel: values at labelled voxels, evenly thinned. */
  readonly foreground: readonly Float32Array[];
  /** Voxels by class in the slices that train. */
  readonly classVoxels: readonly number[];
  /** Slices that train, and how many of them show a label. */
  readonly trainingSlices: number;
  readonly foregroundSlices: number;
}

export function caseFingerprint(
  image: ImageVolume,
  truth: CaseTruth,
  frame: SliceFrame,
  classes: number,
): CaseFingerprint {
  const classVoxels = new Array<number>(classes).fill(0);
  let trainingSlices = 0;
  let foregroundSlices = 0;
  for (let slice = 0; slice < frame.slices; slice++) {
    if (!truth.trains(slice)) continue;
    trainingSlices++;
    let shows = false;
    forEachPixel(frame, slice, (offset) => {
      const label = truth.classes[offset];
      if (label >= 0) classVoxels[label]++;
      if (label > 0) shows = true;
    });
    if (shows) foregroundSlices++;
  }
  const foregroundVoxels = classVoxels.slice(1).reduce((sum, voxels) => sum + voxels, 0);
  const step = Math.max(1, Math.ceil(foregroundVoxels / FOREGROUND_SAMPLES));
  const thinned: number[] = [];
  let met = 0;
  for (let slice = 0; slice < frame.slices; slice++) {
    if (!truth.trains(slice)) continue;
    forEachPixel(frame, slice, (offset) => {
      if (truth.classes[offset] > 0 && met++ % step === 0) thinned.push(offset);
    });
  }
  return {
    slices: frame.slices,
    rows: frame.rows,
    columns: frame.columns,
    sliceSpacingMm: image.grid.spacingMm[frame.axis],
    rowSpacingMm: frame.rowSpacingMm,
    columnSpacingMm: frame.columnSpacingMm,
    intensities: image.channels.map(intensityProfile),
    foreground: image.channels.map((values) =>
      Float32Array.from(thinned, (offset) => values[offset]).filter(Number.isFinite),
    ),
    classVoxels,
    trainingSlices,
    foregroundSlices,
  };
}

/** Visits the voxel offsets of a slice, row by row. */
function forEachPixel(frame: SliceFrame, slice: number, visit: (offset: number) => void): void {
  for (let row = 0; row < frame.rows; row++) {
    let offset = frame.origin + slice * frame.sliceStride + row * frame.rowStride;
    for (let column = 0; column < frame.columns; column++, offset += frame.columnStride) visit(offset);
  }
}

/** The middle value; of an even number of values the lower of the two. */
export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) / 2)];
}

/**
 * Whether a channel holds Hounsfield units, told by the numbers: in every volume there is air near -1000, nothing far
 * below, and something far above water. (A crop without air is not recognised; z-score serves it well too.)
 */
export function looksLikeHounsfield(cases: readonly CaseFingerprint[], channel: number): boolean {
  return cases.every(({ intensities }) => {
    const { min, low, high, airShare } = intensities[channel];
    return min >= -4096 && low >= -1100 && high >= 40 && high <= 4096 && airShare >= 0.01;
  });
}

/** The window that shows the labelled tissue of all cases (0.5th to 99.5th percentile), with its mean and sd. */
export function foregroundWindow(
  cases: readonly CaseFingerprint[],
  channel: number,
): { low: number; high: number; mean: number; standardDeviation: number } | undefined {
  const total = cases.reduce((sum, { foreground }) => sum + foreground[channel].length, 0);
  if (total < 100) return undefined;
  const all = new Float32Array(total);
  let write = 0;
  for (const { foreground } of cases) {
    all.set(foreground[channel], write);
    write += foreground[channel].length;
  }
  all.sort();
  const low = percentile(all, 0.5);
  const high = percentile(all, 99.5);
  const clipped = all.map((value) => Math.min(high, Math.max(low, value)));
  const mean = clipped.reduce((sum, value) => sum + value, 0) / total;
  const variance = clipped.reduce((sum, value) => sum + (value - mean) ** 2, 0) / total;
  if (!(variance > 0)) return undefined;
  return { low, high, mean, standardDeviation: Math.sqrt(variance) };
}
