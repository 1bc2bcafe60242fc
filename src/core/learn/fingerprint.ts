import type { Vec3 } from '../geometry/vector.ts';
import { quantile } from '../metrics/quantile.ts';
import { bodyBox } from './body-box.ts';
import { componentsByClass, crossSectionDiameterMm } from './component-diameters.ts';
import { type IntensityProfile, intensityProfile, looksLikeHounsfield } from './intensity.ts';
import type { Slicing } from './plan.ts';
import { axisSlicing, chooseReviewAxis, sliceFrame, slicingAxis } from './slice-frame.ts';
import type { CaseTruth, ImageVolume } from './volume-input.ts';

/** How many labelled voxels of a case are kept per channel to plan an intensity window from. */
const FOREGROUND_SAMPLES = 2000;
/** Of how many of them, of all cases, a window is made. */
const WINDOW_SAMPLES = 200_000;

/** What planning wants to know of one case. */
export interface CaseFingerprint {
  /** The slicing of the finest pixels (see `chooseReviewAxis`). */
  readonly finest: Slicing;
  /** What the case's slices are like in each of the three slicings. */
  readonly sliced: Readonly<Record<Slicing, SlicedCase>>;
  /** Per channel. */
  readonly intensities: readonly IntensityProfile[];
  /** Per channel: values at labelled voxels, evenly thinned. */
  readonly foreground: readonly Float32Array[];
  /** Voxels by class, of those that train. */
  readonly classVoxels: readonly number[];
}

export interface SlicedCase {
  readonly slices: number;
  readonly rows: number;
  readonly columns: number;
  readonly sliceSpacingMm: number;
  readonly rowSpacingMm: number;
  readonly columnSpacingMm: number;
  /** Slices with a pixel that trains, and how many of them show a label. */
  readonly trainingSlices: number;
  readonly foregroundSlices: number;
  /** Of the body's box in these slices (see `bodyBox`). */
  readonly bodyRows: number;
  readonly bodyColumns: number;
  /** Labelled voxels that the box cuts off. */
  readonly labelledOutsideBody: number;
  /** By class (background left out): how large its components look in these slices, ascending (`crossSectionDiameterMm`). */
  readonly componentsMm: readonly (readonly number[])[];
}

/** @param classes how many there are, background included */
export function caseFingerprint(image: ImageVolume, truth: CaseTruth, classes: number): CaseFingerprint {
  const { grid } = image;
  const classVoxels = new Array<number>(classes).fill(0);
  const box = bodyBox(image);
  const [trains, shows] = [0, 1].map(() => grid.shape.map((extent) => new Uint8Array(extent)));
  /** Labelled voxels that lie outside the box along every combination of axes: bit a is axis a. */
  const outside = new Array<number>(8).fill(0);
  forEachVoxel(grid.shape, truth.classes, (label, voxel) => {
    if (label < 0) return;
    classVoxels[label]++;
    let beyond = 0;
    for (let axis = 0; axis < 3; axis++) {
      trains[axis][voxel[axis]] = 1;
      if (label === 0) continue;
      shows[axis][voxel[axis]] = 1;
      if (voxel[axis] < box.min[axis] || voxel[axis] >= box.max[axis]) beyond |= 1 << axis;
    }
    outside[beyond]++;
  });
  const components = componentsByClass(grid, truth, classes);
  const count = (flags: Uint8Array) => flags.reduce((sum, flag) => sum + flag, 0);
  const slicedAs = (slicing: Slicing): SlicedCase => {
    const { axis, rowAxis, columnAxis, ...frame } = sliceFrame(grid, slicingAxis(grid, slicing));
    const inPlane = (1 << rowAxis) | (1 << columnAxis);
    return {
      slices: frame.slices,
      rows: frame.rows,
      columns: frame.columns,
      sliceSpacingMm: grid.spacingMm[axis],
      rowSpacingMm: frame.rowSpacingMm,
      columnSpacingMm: frame.columnSpacingMm,
      trainingSlices: count(trains[axis]),
      foregroundSlices: count(shows[axis]),
      bodyRows: box.max[rowAxis] - box.min[rowAxis],
      bodyColumns: box.max[columnAxis] - box.min[columnAxis],
      labelledOutsideBody: outside.reduce((sum, voxels, beyond) => sum + (beyond & inPlane ? voxels : 0), 0),
      componentsMm: components.map((ofClass) =>
        ofClass.map((found) => crossSectionDiameterMm(found, grid.spacingMm, axis)).sort((a, b) => a - b),
      ),
    };
  };
  const thinned = thinnedForeground(truth.classes, classVoxels);
  return {
    finest: axisSlicing(grid, chooseReviewAxis(grid)),
    sliced: { axial: slicedAs('axial'), coronal: slicedAs('coronal'), sagittal: slicedAs('sagittal') },
    intensities: image.channels.map(intensityProfile),
    foreground: image.channels.map((values) =>
      Float32Array.from(thinned, (offset) => values[offset]).filter(Number.isFinite),
    ),
    classVoxels,
  };
}

/** Offsets of labelled voxels: all, or every n-th. */
function thinnedForeground(classes: Int16Array, classVoxels: readonly number[]): number[] {
  const labelled = classVoxels.slice(1).reduce((sum, voxels) => sum + voxels, 0);
  const step = Math.max(1, Math.ceil(labelled / FOREGROUND_SAMPLES));
  const thinned: number[] = [];
  let met = 0;
  for (let offset = 0; offset < classes.length; offset++) {
    if (classes[offset] > 0 && met++ % step === 0) thinned.push(offset);
  }
  return thinned;
}

/** @param visit `voxel` is reused between calls */
function forEachVoxel(
  [nx, ny, nz]: Vec3,
  classes: Int16Array,
  visit: (label: number, voxel: readonly [number, number, number]) => void,
): void {
  const voxel: [number, number, number] = [0, 0, 0];
  for (let k = 0, offset = 0; k < nz; k++) {
    voxel[2] = k;
    for (let j = 0; j < ny; j++) {
      voxel[1] = j;
      for (let i = 0; i < nx; i++) {
        voxel[0] = i;
        visit(classes[offset++], voxel);
      }
    }
  }
}

/** Whether a channel holds Hounsfield units in every case. */
export function allHounsfield(cases: readonly CaseFingerprint[], channel: number): boolean {
  return cases.every(({ intensities }) => looksLikeHounsfield(intensities[channel]));
}
/** The window that shows the labelled tissue of all cases (0.5th to 99.5th percentile), with its mean and sd. */
export function foregroundWindow(
  cases: readonly CaseFingerprint[],
  channel: number,
): { low: number; high: number; mean: number; standardDeviation: number } | undefined {
  const met = cases.reduce((sum, { foreground }) => sum + foreground[channel].length, 0);
  if (met < 100) return undefined;
  const step = Math.ceil(met / WINDOW_SAMPLES);
  const all = new Float32Array(Math.ceil(met / step));
  let at = 0;
  for (const { foreground } of cases) {
    for (const value of foreground[channel]) if (at++ % step === 0) all[(at - 1) / step] = value;
  }
  all.sort();
  const low = quantile(all, 0.005);
  const high = quantile(all, 0.995);
  const clipped = all.map((value) => Math.min(high, Math.max(low, value)));
  const mean = clipped.reduce((sum, value) => sum + value, 0) / all.length;
  const variance = clipped.reduce((sum, value) => sum + (value - mean) ** 2, 0) / all.length;
  if (!(variance > 0)) return undefined;
  return { low, high, mean, standardDeviation: Math.sqrt(variance) };
}
