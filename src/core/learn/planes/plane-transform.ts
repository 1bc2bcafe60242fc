import { ModelMismatchError } from '../learn-errors.ts';
import type { PlaneGeometry } from '../plan/plan.ts';
import type { PlaneSize } from './plane-window.ts';
import { PlaneResampler } from './resample.ts';
import type { SliceFrame } from './slice-frame.ts';

/** 8192 x 8192 pixels are 400 mm at a twentieth of a millimetre. */
const MOST_PIXELS = 2 ** 26;

/** Marks pixels in targets that nothing is known of: the loss leaves them out. */
export const IGNORED = -1;

/** Pixels `[rowStart, rowEnd)` x `[columnStart, columnEnd)` of a slice. */
export interface SliceBox {
  readonly rowStart: number;
  readonly rowEnd: number;
  readonly columnStart: number;
  readonly columnEnd: number;
}

type SliceGeometry = Pick<SliceFrame, 'rows' | 'columns' | 'rowSpacingMm' | 'columnSpacingMm'>;

/**
 * Takes an image slice to a plane of the plan's pixel size and back, for one volume's slice size. Forward it cuts out
 * the box and resamples it as a whole (plane and box cover the same field of view, edge to edge). Back it inverts that;
 * what lies outside the box comes back as background.
 */
export class PlaneTransform implements PlaneSize {
  /** The size of the whole resampled box. */
  readonly rows: number;
  readonly columns: number;
  /** The height of a pixel over its width, both in mm. */
  readonly pixelAspect: number;
  readonly #slice: PlaneSize;
  readonly #box: SliceBox;
  readonly #forward: PlaneResampler;
  readonly #backward: PlaneResampler;
  readonly #cropped: Float32Array;
  readonly #resampled: Float32Array;
  readonly #bestWeight: Float32Array;

  /**
   * @param box the part of every slice that is looked at; without it all of the slice is
   * @throws ModelMismatchError if the plane would be larger than any slice of a patient
   */
  constructor(plane: PlaneGeometry, slice: SliceGeometry, box: SliceBox = wholeSlice(slice)) {
    const boxRows = box.rowEnd - box.rowStart;
    const boxColumns = box.columnEnd - box.columnStart;
    const { rows, columns } = resampledSize(plane, { ...slice, rows: boxRows, columns: boxColumns });
    if (rows * columns > MOST_PIXELS) {
      throw new ModelMismatchError(
        `At the pixel size of the plan a slice of this image would have ${rows} x ${columns} pixels: its header says that a voxel is ${slice.columnSpacingMm} x ${slice.rowSpacingMm} mm. Correct the voxel size, or train with larger pixels.`,
      );
    }
    this.rows = rows;
    this.columns = columns;
    this.pixelAspect = (boxRows * slice.rowSpacingMm) / rows / ((boxColumns * slice.columnSpacingMm) / columns);
    this.#slice = slice;
    this.#box = box;
    this.#forward = new PlaneResampler(boxRows, boxColumns, rows, columns);
    this.#backward = new PlaneResampler(rows, columns, boxRows, boxColumns);
    this.#cropped = new Float32Array(boxRows * boxColumns);
    this.#resampled = new Float32Array(rows * columns);
    this.#bestWeight = new Float32Array(rows * columns);
  }

  /** Resamples the intensities (normalised) of a slice to `target`, `rows * columns`. */
  imageToPlane(slice: Float32Array, target: Float32Array): void {
    let write = 0;
    this.#forEachRow((start, end) => {
      this.#cropped.set(slice.subarray(start, end), write);
      write += end - start;
    });
    this.#forward.apply(this.#cropped, target);
  }

  /**
   * Resamples the classes of a slice to `target`, `rows * columns`. Each class's mask is resampled by itself and the
   * heaviest wins; a pixel whose heaviest part is ignored stays ignored.
   */
  classesToPlane(classes: Int16Array, target: Int16Array): void {
    const cropped = new Int16Array(this.#cropped.length);
    let write = 0;
    this.#forEachRow((start, end) => {
      cropped.set(classes.subarray(start, end), write);
      write += end - start;
    });
    if (this.#forward.isIdentity) {
      target.set(cropped);
      return;
    }
    const best = this.#bestWeight.fill(0);
    for (const label of new Set(cropped)) {
      for (let pixel = 0; pixel < cropped.length; pixel++) this.#cropped[pixel] = cropped[pixel] === label ? 1 : 0;
      this.#forward.apply(this.#cropped, this.#resampled);
      for (let pixel = 0; pixel < best.length; pixel++) {
        if (this.#resampled[pixel] > best[pixel]) {
          best[pixel] = this.#resampled[pixel];
          target[pixel] = label;
        }
      }
    }
  }

  /** Does the same by the nearest pixel alone: many times as quick, and good enough to measure by. */
  nearestClassesToPlane(classes: Int16Array, target: Int16Array): void {
    const { rowStart, rowEnd, columnStart, columnEnd } = this.#box;
    const rowStep = (rowEnd - rowStart) / this.rows;
    const columnStep = (columnEnd - columnStart) / this.columns;
    let write = 0;
    for (let row = 0; row < this.rows; row++) {
      const start = (rowStart + Math.floor((row + 0.5) * rowStep)) * this.#slice.columns + columnStart;
      for (let column = 0; column < this.columns; column++) {
        target[write++] = classes[start + Math.floor((column + 0.5) * columnStep)];
      }
    }
  }

  /**
   * Takes probabilities on the plane, by class (background first), back to the image slice. Outside the box background
   * is certain.
   */
  probabilitiesToImage(planes: readonly Float32Array[], targets: readonly Float32Array[]): void {
    planes.forEach((plane, label) => {
      this.planeToImage(plane, targets[label], label === 0 ? 1 : 0);
    });
  }

  /**
   * Takes numbers on the plane back to the image slice.
   * @param outside what they are beyond the box
   */
  planeToImage(plane: Float32Array, target: Float32Array, outside: number): void {
    this.#backward.apply(plane, this.#cropped);
    target.fill(outside);
    let read = 0;
    this.#forEachRow((start, end) => {
      target.set(this.#cropped.subarray(read, read + end - start), start);
      read += end - start;
    });
  }

  /** Visits the box's rows as ranges of the slice's pixels. */
  #forEachRow(visit: (start: number, end: number) => void): void {
    const { rowStart, rowEnd, columnStart, columnEnd } = this.#box;
    for (let row = rowStart; row < rowEnd; row++) {
      visit(row * this.#slice.columns + columnStart, row * this.#slice.columns + columnEnd);
    }
  }
}

function wholeSlice({ rows, columns }: PlaneSize): SliceBox {
  return { rowStart: 0, rowEnd: rows, columnStart: 0, columnEnd: columns };
}

/**
 * Returns the size of a slice (or of its box) after resampling to the plan's pixel size, to the nearest whole pixel.
 */
export function resampledSize(plane: PlaneGeometry, slice: SliceGeometry): PlaneSize {
  if (plane.kind === 'stretch') return { rows: plane.rows, columns: plane.columns };
  return {
    rows: Math.max(1, Math.round((slice.rows * slice.rowSpacingMm) / plane.rowSpacingMm)),
    columns: Math.max(1, Math.round((slice.columns * slice.columnSpacingMm) / plane.columnSpacingMm)),
  };
}
