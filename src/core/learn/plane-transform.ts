import type { PlaneGeometry } from './plan.ts';
import { PlaneResampler } from './resample.ts';
import type { SliceFrame } from './slice-frame.ts';

/** Marks pixels outside the image in targets: the loss leaves them out. */
export const IGNORED = -1;

/**
 * From an image slice to the network's plane and back, for one volume's slice size. Forward: resample to the plan's
 * pixel size, then centre in the plane (padding or cutting whole pixels). Back: the same steps inverted; what was cut
 * off comes back as background.
 */
export class PlaneTransform {
  readonly planeRows: number;
  readonly planeColumns: number;
  readonly #frame: Pick<SliceFrame, 'rows' | 'columns'>;
  readonly #forward: PlaneResampler;
  readonly #backward: PlaneResampler;
  /** Plane position of the resampled slice's first pixel; negative: cut off. */
  readonly #rowOffset: number;
  readonly #columnOffset: number;
  readonly #resampled: Float32Array;
  readonly #oneClass: Float32Array;
  readonly #bestWeight: Float32Array;

  /**
   * @param plane the plan's geometry
   * @param size the network plane in fact, where it differs from the plan's (a larger image at prediction)
   */
  constructor(
    plane: PlaneGeometry,
    frame: Pick<SliceFrame, 'rows' | 'columns' | 'rowSpacingMm' | 'columnSpacingMm'>,
    size: { readonly rows: number; readonly columns: number } = plane,
  ) {
    this.#frame = frame;
    this.planeRows = size.rows;
    this.planeColumns = size.columns;
    const { rows, columns } = resampledSize(plane, frame);
    this.#forward = new PlaneResampler(frame.rows, frame.columns, rows, columns);
    this.#backward = new PlaneResampler(rows, columns, frame.rows, frame.columns);
    this.#rowOffset = Math.floor((size.rows - rows) / 2);
    this.#columnOffset = Math.floor((size.columns - columns) / 2);
    this.#resampled = new Float32Array(rows * columns);
    this.#oneClass = new Float32Array(frame.rows * frame.columns);
    this.#bestWeight = new Float32Array(rows * columns);
  }

  /** Intensities (normalised) of a slice to `target` (a whole plane), padding 0. */
  imageToPlane(slice: Float32Array, target: Float32Array): void {
    this.#forward.apply(slice, this.#resampled);
    target.fill(0, 0, this.planeRows * this.planeColumns);
    this.#forEachOverlap((plane, resampled) => {
      target[plane] = this.#resampled[resampled];
    });
  }

  /**
   * Classes of a slice to `target` (a whole plane), padding `IGNORED`. When resampling, each class's mask is resampled
   * by itself and the heaviest wins; a pixel whose heaviest part is ignored stays ignored.
   */
  classesToPlane(classes: Int16Array, target: Int16Array): void {
    target.fill(IGNORED, 0, this.planeRows * this.planeColumns);
    if (this.#forward.isIdentity) {
      this.#forEachOverlap((plane, resampled) => {
        target[plane] = classes[resampled];
      });
      return;
    }
    const best = this.#bestWeight.fill(0);
    for (const label of new Set(classes)) {
      for (let pixel = 0; pixel < classes.length; pixel++) this.#oneClass[pixel] = classes[pixel] === label ? 1 : 0;
      this.#forward.apply(this.#oneClass, this.#resampled);
      this.#forEachOverlap((plane, resampled) => {
        if (this.#resampled[resampled] > best[resampled]) {
          best[resampled] = this.#resampled[resampled];
          target[plane] = label;
        }
      });
    }
  }

  /**
   * One class's probabilities on the plane, back on the image slice.
   * @param outside what is written where the plane did not reach: 1 for background, 0 for every other class
   */
  probabilitiesToImage(plane: Float32Array, target: Float32Array, outside: number): void {
    this.#resampled.fill(outside);
    this.#forEachOverlap((planePixel, resampled) => {
      this.#resampled[resampled] = plane[planePixel];
    });
    this.#backward.apply(this.#resampled, target.subarray(0, this.#frame.rows * this.#frame.columns));
  }

  #forEachOverlap(visit: (planePixel: number, resampledPixel: number) => void): void {
    const { targetRows: rows, targetColumns: columns } = this.#forward;
    const firstColumn = Math.max(0, -this.#columnOffset);
    const lastColumn = Math.min(columns, this.planeColumns - this.#columnOffset);
    const lastRow = Math.min(rows, this.planeRows - this.#rowOffset);
    for (let row = Math.max(0, -this.#rowOffset); row < lastRow; row++) {
      const planeRow = (row + this.#rowOffset) * this.planeColumns + this.#columnOffset;
      for (let column = firstColumn; column < lastColumn; column++) visit(planeRow + column, row * columns + column);
    }
  }
}

/** Size of a slice after resampling to the plan's pixel size, before centring in the plane. */
export function resampledSize(
  plane: PlaneGeometry,
  frame: Pick<SliceFrame, 'rows' | 'columns' | 'rowSpacingMm' | 'columnSpacingMm'>,
): { rows: number; columns: number } {
  if (plane.kind === 'stretch') return { rows: plane.rows, columns: plane.columns };
  return {
    rows: Math.max(1, Math.round((frame.rows * frame.rowSpacingMm) / plane.rowSpacingMm)),
    columns: Math.max(1, Math.round((frame.columns * frame.columnSpacingMm) / plane.columnSpacingMm)),
  };
}

/** The plane that holds a whole slice of this volume: the plan's, grown in multiples of `multiple` where needed. */
export function planeSizeFor(
  plane: PlaneGeometry,
  frame: Pick<SliceFrame, 'rows' | 'columns' | 'rowSpacingMm' | 'columnSpacingMm'>,
  multiple: number,
): { rows: number; columns: number } {
  const { rows, columns } = resampledSize(plane, frame);
  const grow = (needed: number, planned: number) =>
    needed <= planned ? planned : Math.ceil(needed / multiple) * multiple;
  return { rows: grow(rows, plane.rows), columns: grow(columns, plane.columns) };
}
