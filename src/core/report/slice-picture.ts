import { encode } from 'fast-png';
import type { VoxelGrid } from '../geometry/grid.ts';
import { planeVoxel, type SlicePlane, slicePlanes } from '../geometry/slice-plane.ts';
import type { VoxelAxis } from '../geometry/vector.ts';
import type { DenseLabels } from '../metrics/overlap-counter.ts';
import { defaultWindow } from '../volume/default-window.ts';
import { summarizeIntensities } from '../volume/intensity-statistics.ts';
import { PREDICTION_RGB, TRUTH_RGB } from './outline-colors.ts';
import type { ReportPicture } from './training-report.ts';

/** The width of one of the two panels, and the most that a pixel of the slice is enlarged. */
const PANEL_PIXELS = 340;
const MOST_PIXELS_PER_MM = 12;
/** Around the labels of the slice this share of their extent is shown, and at least `LEAST_MARGIN_MM`. */
const MARGIN_SHARE = 0.3;
const LEAST_MARGIN_MM = 8;
/** Around errors that are much smaller than the labels so much is shown: enough to see where in the body they are. */
const ERROR_MARGIN_MM = 35;
/** The gap between the panels. */
const GAP_PIXELS = 6;
const GAP_GREY = 128;
const LINE_PIXELS = 2;
/** The prediction's outline is dashed, so that the truth's shows where the two coincide. */
const DASH_PIXELS = 7;
/** The window is chosen from at most so many voxels. */
const MOST_SAMPLES = 1 << 18;

export interface CaseToShow {
  readonly caseId: string;
  readonly grid: VoxelGrid;
  /** Slices along this voxel axis are shown. */
  readonly axis: VoxelAxis;
  /** Real-world values, element `i + nx * (j + ny * k)`, as those of both label maps. */
  readonly image: Float32Array;
  readonly prediction: DenseLabels;
  readonly truth: DenseLabels;
  /** Voxels whose truth has this value do not count. */
  readonly ignored?: number | undefined;
}

/**
 * Draws the slice of a case on which most is wrong (if nothing is wrong: the one with most of the labels). Each label
 * is weighed in proportion to its size in the case, so that a missed tumour weighs more than the rough edge of a liver.
 * The picture is cut to where the labels or the errors are, and shows the image alone and beside it the image with the
 * outlines of truth and prediction, as radiologists look at it: anterior or superior up, the patient's right on the
 * left.
 *
 * @returns null if no voxel that counts has a label
 */
export function worstSlicePicture(shown: CaseToShow): ReportPicture | null {
  const plane = Object.values(slicePlanes(shown.grid, 'radiological')).find(
    ({ normalAxis }) => normalAxis === shown.axis,
  ) as SlicePlane;
  const slice = worstSlice(shown, plane);
  if (slice === null) return null;
  const pixels = readPlane(shown, plane, slice.index);
  const crop = cropAround(pixels, plane);
  const outlined = { truth: pixels.truth, prediction: pixels.prediction };
  const { png, width, height } = draw(pixels.values, plane, crop, windowOf(shown.image), [null, outlined]);
  const wrong = slice.wrong === 0 ? 'no voxel is wrong' : `${slice.wrong} voxels are wrong`;
  return {
    caseId: shown.caseId,
    caption: `${capital(plane.name)} slice ${slice.index + 1} of ${plane.sliceCount}: ${wrong} here`,
    png,
    width,
    height,
  };
}

/**
 * Draws the slice of a case on which `shown.prediction` is worse than `other` by most, weighed as `worstSlicePicture`
 * does. It shows the image alone, then with the outlines of truth and the other prediction, then of truth and the
 * prediction in question.
 *
 * @returns null if no voxel that counts has a label
 */
export function comparedSlicePicture(shown: CaseToShow, other: DenseLabels): ReportPicture | null {
  const plane = Object.values(slicePlanes(shown.grid, 'radiological')).find(
    ({ normalAxis }) => normalAxis === shown.axis,
  ) as SlicePlane;
  const slice = worstSlice(shown, plane, other);
  if (slice === null) return null;
  const pixels = readPlane(shown, plane, slice.index);
  const beside = readPlane({ ...shown, prediction: other }, plane, slice.index);
  const crop = cropAround(pixels, plane);
  const { truth, prediction } = pixels;
  const { png, width, height } = draw(pixels.values, plane, crop, windowOf(shown.image), [
    null,
    { truth, prediction: beside.prediction },
    { truth, prediction },
  ]);
  return {
    caseId: shown.caseId,
    caption: `${capital(plane.name)} slice ${slice.index + 1} of ${plane.sliceCount}: ${slice.wrong} voxels are wrong here, ${slice.otherWrong} before`,
    png,
    width,
    height,
  };
}

function capital(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}

/**
 * Finds the slice, by its voxel index along the normal axis.
 *
 * @param other what is wrong there as well counts for the slice, not against it; without it nothing does
 */
function worstSlice(
  { grid, prediction, truth, ignored }: CaseToShow,
  { normalAxis, sliceCount }: SlicePlane,
  other: DenseLabels = truth,
): { readonly index: number; readonly wrong: number; readonly otherWrong: number } | null {
  const none = ignored ?? Number.NaN;
  const voxels = new Map<number, number>();
  for (let at = 0; at < truth.length; at++) {
    if (truth[at] === none || (truth[at] === 0 && prediction[at] === 0)) continue;
    voxels.set(truth[at], (voxels.get(truth[at]) ?? 0) + 1);
    voxels.set(prediction[at], (voxels.get(prediction[at]) ?? 0) + 1);
    if (other !== truth) voxels.set(other[at], (voxels.get(other[at]) ?? 0) + 1);
  }
  const weight = (label: number) => (label === 0 ? 0 : 1 / (voxels.get(label) ?? 1));
  const wrong = new Float64Array(sliceCount);
  const otherWrong = new Float64Array(sliceCount);
  const wrongWeight = new Float64Array(sliceCount);
  const labelledWeight = new Float64Array(sliceCount);
  const [nx, ny] = grid.shape;
  for (let at = 0; at < truth.length; at++) {
    if (truth[at] === none || (truth[at] === 0 && prediction[at] === 0 && other[at] === 0)) continue;
    const slice = normalAxis === 0 ? at % nx : normalAxis === 1 ? Math.floor(at / nx) % ny : Math.floor(at / (nx * ny));
    const share = weight(truth[at]) + weight(prediction[at]);
    labelledWeight[slice] += share;
    if (truth[at] !== other[at]) {
      otherWrong[slice]++;
      wrongWeight[slice] -= weight(truth[at]) + weight(other[at]);
    }
    if (truth[at] === prediction[at]) continue;
    wrong[slice]++;
    wrongWeight[slice] += share;
  }
  const by = wrongWeight.some((value) => value > 0) ? wrongWeight : labelledWeight;
  const index = by.reduce((best, value, slice) => (value > by[best] ? slice : best), 0);
  return by[index] > 0 ? { index, wrong: wrong[index], otherWrong: otherWrong[index] } : null;
}

/** One slice as it is on the screen, row by row from the top. Labels of ignored voxels are 0. */
interface PlanePixels {
  readonly values: Float32Array;
  readonly truth: Int32Array;
  readonly prediction: Int32Array;
}

function readPlane({ grid, image, truth, prediction, ignored }: CaseToShow, plane: SlicePlane, slice: number) {
  const { columns, rows } = plane;
  const [nx, ny] = grid.shape;
  const pixels: PlanePixels = {
    values: new Float32Array(columns * rows),
    truth: new Int32Array(columns * rows),
    prediction: new Int32Array(columns * rows),
  };
  for (let row = 0, to = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++, to++) {
      const [i, j, k] = planeVoxel(plane, slice, column, row);
      const at = i + nx * (j + ny * k);
      pixels.values[to] = image[at];
      if (truth[at] === ignored) continue;
      pixels.truth[to] = truth[at];
      pixels.prediction[to] = prediction[at];
    }
  }
  return pixels;
}

/** A part of the slice, in its pixels, `[from, to)`. */
interface Crop {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** Cuts to the labels or to what is wrong, whichever is smaller. */
function cropAround({ truth, prediction }: PlanePixels, plane: SlicePlane): Crop {
  const labels = boxOf(plane, (at) => truth[at] !== 0 || prediction[at] !== 0) as Crop;
  const errors = boxOf(plane, (at) => truth[at] !== prediction[at]);
  const extent = extentMm(labels, plane);
  const aroundLabels = extent + 2 * Math.max(LEAST_MARGIN_MM, MARGIN_SHARE * extent);
  const aroundErrors = errors ? extentMm(errors, plane) + 2 * ERROR_MARGIN_MM : Number.POSITIVE_INFINITY;
  return errors && aroundErrors < aroundLabels
    ? squareAround(errors, aroundErrors, plane)
    : squareAround(labels, aroundLabels, plane);
}

function boxOf(plane: SlicePlane, contains: (at: number) => boolean): Crop | null {
  let [left, top, right, bottom] = [plane.columns, plane.rows, 0, 0];
  for (let row = 0, at = 0; row < plane.rows; row++) {
    for (let column = 0; column < plane.columns; column++, at++) {
      if (!contains(at)) continue;
      left = Math.min(left, column);
      right = Math.max(right, column + 1);
      top = Math.min(top, row);
      bottom = Math.max(bottom, row + 1);
    }
  }
  return right > 0 ? { left, top, right, bottom } : null;
}

function extentMm({ left, right, top, bottom }: Crop, plane: SlicePlane): number {
  return Math.max((right - left) * plane.columnSpacingMm, (bottom - top) * plane.rowSpacingMm);
}

/** Returns a square around the middle of a box, as far as the slice reaches. */
function squareAround({ left, right, top, bottom }: Crop, sideMm: number, plane: SlicePlane): Crop {
  const widen = (from: number, to: number, spacingMm: number, length: number) => {
    const middle = (from + to) / 2;
    const half = sideMm / spacingMm / 2;
    return [Math.max(0, Math.floor(middle - half)), Math.min(length, Math.ceil(middle + half))] as const;
  };
  const [l, r] = widen(left, right, plane.columnSpacingMm, plane.columns);
  const [t, b] = widen(top, bottom, plane.rowSpacingMm, plane.rows);
  return { left: l, right: r, top: t, bottom: b };
}

function windowOf(image: Float32Array): { readonly low: number; readonly high: number } {
  const stride = Math.max(1, Math.floor(image.length / MOST_SAMPLES));
  const sample = Float32Array.from({ length: Math.ceil(image.length / stride) }, (_, n) => image[n * stride]);
  const { level, width } = defaultWindow(summarizeIntensities(sample));
  return { low: level - width / 2, high: level + width / 2 };
}

/** The outlines that are drawn over one panel; with null it shows the image alone. */
type Outlined = Pick<PlanePixels, 'truth' | 'prediction'> | null;

/** Draws the same part of the slice once for each of `panels`, side by side. */
function draw(
  values: Float32Array,
  plane: SlicePlane,
  crop: Crop,
  { low, high }: { readonly low: number; readonly high: number },
  panels: readonly Outlined[],
): { readonly png: Uint8Array; readonly width: number; readonly height: number } {
  const widthMm = (crop.right - crop.left) * plane.columnSpacingMm;
  const heightMm = (crop.bottom - crop.top) * plane.rowSpacingMm;
  const pixelsPerMm = Math.min(MOST_PIXELS_PER_MM, PANEL_PIXELS / Math.max(widthMm, heightMm));
  const panel = Math.max(1, Math.round(widthMm * pixelsPerMm));
  const height = Math.max(1, Math.round(heightMm * pixelsPerMm));
  const width = panels.length * (panel + GAP_PIXELS) - GAP_PIXELS;
  const data = new Uint8Array(width * height * 3).fill(GAP_GREY);
  const perColumn = (crop.right - crop.left) / panel;
  const perRow = (crop.bottom - crop.top) / height;
  const leftOf = (index: number) => index * (panel + GAP_PIXELS);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < panel; x++) {
      const column = crop.left + (x + 0.5) * perColumn - 0.5;
      const value = interpolate(values, plane, column, crop.top + (y + 0.5) * perRow - 0.5);
      const gray = Math.round(255 * Math.min(1, Math.max(0, (value - low) / (high - low))));
      for (const index of panels.keys()) {
        const at = 3 * (x + leftOf(index) + width * y);
        data.fill(gray, at, at + 3);
      }
    }
  }
  const outline = (index: number, labels: Int32Array, rgb: readonly number[], dashed: boolean) => {
    const at = (x: number, y: number) => {
      const column = Math.min(crop.right - 1, crop.left + Math.floor((x + 0.5) * perColumn));
      return labels[column + plane.columns * Math.min(crop.bottom - 1, crop.top + Math.floor((y + 0.5) * perRow))];
    };
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < panel; x++) {
        const label = at(x, y);
        if (label === 0 || !isOutline(at, x, y, label, panel, height)) continue;
        if (dashed && Math.floor((x + y) / DASH_PIXELS) % 2 === 1) continue;
        data.set(rgb, 3 * (x + leftOf(index) + width * y));
      }
    }
  };
  for (const [index, outlined] of panels.entries()) {
    if (!outlined) continue;
    outline(index, outlined.truth, TRUTH_RGB, false);
    outline(index, outlined.prediction, PREDICTION_RGB, true);
  }
  return { png: encode({ width, height, data, channels: 3, depth: 8 }), width, height };
}

/**
 * Says whether a pixel is on the outline of its label: a lower label (or none) is within a line's width. Of two labels
 * that touch, only one has the line. The border of the picture is no outline.
 */
function isOutline(
  at: (x: number, y: number) => number,
  x: number,
  y: number,
  label: number,
  width: number,
  height: number,
): boolean {
  const left = Math.max(0, x - LINE_PIXELS);
  const right = Math.min(width - 1, x + LINE_PIXELS);
  const top = Math.max(0, y - LINE_PIXELS);
  const bottom = Math.min(height - 1, y + LINE_PIXELS);
  return at(left, y) < label || at(right, y) < label || at(x, top) < label || at(x, bottom) < label;
}

/**
 * Interpolates bilinearly. Pixel centres are at whole (column, row); outside it gives the nearest pixel, and a value
 * that is not finite counts as the lowest.
 */
function interpolate(values: Float32Array, { columns, rows }: SlicePlane, column: number, row: number): number {
  const c = Math.min(columns - 1, Math.max(0, column));
  const r = Math.min(rows - 1, Math.max(0, row));
  const [c0, r0] = [Math.floor(c), Math.floor(r)];
  const [c1, r1] = [Math.min(columns - 1, c0 + 1), Math.min(rows - 1, r0 + 1)];
  const upper = values[c0 + columns * r0] * (1 - (c - c0)) + values[c1 + columns * r0] * (c - c0);
  const lower = values[c0 + columns * r1] * (1 - (c - c0)) + values[c1 + columns * r1] * (c - c0);
  const value = upper * (1 - (r - r0)) + lower * (r - r0);
  return Number.isFinite(value) ? value : Number.NEGATIVE_INFINITY;
}
