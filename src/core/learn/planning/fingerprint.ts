import type { Vec3 } from '../../geometry/vector.ts';
import type { VoxelBox } from '../../geometry/voxel-box.ts';
import { quantile } from '../../metrics/quantile.ts';
import type { AnatomicalSlicing, Slicing } from '../plan/plan.ts';
import { bodyBox } from '../planes/body-box.ts';
import { type IntensityProfile, intensityProfile } from '../planes/intensity.ts';
import { axisSlicing, chooseReviewAxis, planFrame } from '../planes/slice-frame.ts';
import type { CaseTruth, ImageVolume } from '../planes/volume-input.ts';
import { componentsByClass, crossSectionDiameterMm } from './component-diameters.ts';

/** So many labelled voxels of a case are kept per channel to plan an intensity window from. */
const FOREGROUND_SAMPLES = 2000;
/** A window is made from so many of them, of all cases. */
const WINDOW_SAMPLES = 200_000;

/** What planning wants to know of one case. */
export interface CaseFingerprint {
  /** The slicing of the finest pixels (see `chooseReviewAxis`). */
  readonly finest: AnatomicalSlicing;
  /** What the case's slices are like in each slicing. */
  readonly sliced: Readonly<Record<Slicing, SlicedCase>>;
  /** The profiles by channel. */
  readonly intensities: readonly IntensityProfile[];
  /** The values at labelled voxels by channel, evenly thinned. There are none where they are no Hounsfield units. */
  readonly foreground: readonly Float32Array[];
  /** The number of voxels that train, by class. */
  readonly classVoxels: readonly number[];
}

export interface SlicedCase {
  readonly slices: number;
  readonly rows: number;
  readonly columns: number;
  readonly sliceSpacingMm: number;
  readonly rowSpacingMm: number;
  readonly columnSpacingMm: number;
  /** So many slices have a pixel that trains; `foregroundSlices` of them show a label. */
  readonly trainingSlices: number;
  readonly foregroundSlices: number;
  /** The size of the body's box in these slices (see `bodyBox`). */
  readonly bodyRows: number;
  readonly bodyColumns: number;
  /** So many labelled voxels are cut off by the box. */
  readonly labelledOutsideBody: number;
  /**
   * By class (background left out): how large its components look in these slices, ascending
   * (`crossSectionDiameterMm`).
   */
  readonly componentsMm: readonly (readonly number[])[];
}

/** @param classes the number of classes, background included */
export function caseFingerprint(image: ImageVolume, truth: CaseTruth, classes: number): CaseFingerprint {
  const { grid } = image;
  const profiles = image.channels.map(intensityProfile);
  const box = bodyBox(
    image,
    profiles.map(({ bodyAbove }) => bodyAbove),
  );
  const { classVoxels, trains, shows, outside } = countLabels(grid.shape, truth.classes, classes, box);
  const components = componentsByClass(grid, truth, classes);
  const count = (flags: Uint8Array) => flags.reduce((sum, flag) => sum + flag, 0);
  const slicedAs = (slicing: Slicing): SlicedCase => {
    const { axis, rowAxis, columnAxis, ...frame } = planFrame(grid, slicing);
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
      bodyRows: box.to[rowAxis] - box.from[rowAxis],
      bodyColumns: box.to[columnAxis] - box.from[columnAxis],
      labelledOutsideBody: outside.reduce((sum, voxels, beyond) => sum + (beyond & inPlane ? voxels : 0), 0),
      componentsMm: components.map((ofClass) =>
        ofClass.map((found) => crossSectionDiameterMm(found, grid.spacingMm, axis)).sort((a, b) => a - b),
      ),
    };
  };
  const thinned = thinnedForeground(truth.classes, classVoxels);
  return {
    finest: axisSlicing(grid, chooseReviewAxis(grid)),
    sliced: {
      axial: slicedAs('axial'),
      coronal: slicedAs('coronal'),
      sagittal: slicedAs('sagittal'),
      acquired: slicedAs('acquired'),
    },
    intensities: profiles,
    foreground: image.channels.map((values, channel) =>
      profiles[channel].hounsfield
        ? Float32Array.from(thinned, (offset) => values[offset]).filter(Number.isFinite)
        : new Float32Array(0),
    ),
    classVoxels,
  };
}

/** Returns offsets of labelled voxels: all, or every n-th. */
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

interface LabelCounts {
  /** The counts by class. */
  readonly classVoxels: number[];
  /** By axis and slice: 1 where a voxel trains, and in `labelled` where one is labelled. */
  readonly trains: readonly Uint8Array[];
  readonly shows: readonly Uint8Array[];
  /** Labelled voxels by the axes along which they lie outside the box: bit a is axis a. */
  readonly outside: number[];
}

function countLabels(shape: Vec3, truth: Int16Array, classes: number, { from, to }: VoxelBox): LabelCounts {
  const [nx, ny, nz] = shape;
  const classVoxels = new Float64Array(classes);
  const outside = new Float64Array(8);
  const [trains, shows] = [0, 1].map(() => shape.map((extent) => new Uint8Array(extent)));
  for (let k = 0, offset = 0; k < nz; k++) {
    for (let j = 0; j < ny; j++) {
      const beyond = (j < from[1] || j >= to[1] ? 2 : 0) | (k < from[2] || k >= to[2] ? 4 : 0);
      let rowTrains = 0;
      let rowShows = 0;
      for (let i = 0; i < nx; i++) {
        const label = truth[offset++];
        if (label < 0) continue;
        classVoxels[label]++;
        trains[0][i] = rowTrains = 1;
        if (label === 0) continue;
        shows[0][i] = rowShows = 1;
        outside[i < from[0] || i >= to[0] ? beyond | 1 : beyond]++;
      }
      trains[1][j] |= rowTrains;
      trains[2][k] |= rowTrains;
      shows[1][j] |= rowShows;
      shows[2][k] |= rowShows;
    }
  }
  return { classVoxels: [...classVoxels], trains, shows, outside: [...outside] };
}

/** Says whether a channel holds Hounsfield units in every case. */
export function allHounsfield(cases: readonly CaseFingerprint[], channel: number): boolean {
  return cases.every(({ intensities }) => intensities[channel].hounsfield);
}
/**
 * Returns the window that shows the labelled tissue of all cases (0.5th to 99.5th percentile), with its mean and sd.
 */
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
