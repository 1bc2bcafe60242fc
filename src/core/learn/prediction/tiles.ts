import { sizeMultiple } from '../../net/unet-description.ts';
import type { Plan } from '../plan/plan.ts';
import { centredWindow, type PlaneSize, type PlaneWindow, wholeWindow } from '../planes/plane-window.ts';

/**
 * Lays the windows through which a plane is predicted, which together cover all of it.
 *
 * `whole` is one window, at least the plan's plane, grown to what the network can halve. `tiles` are of the plan's
 * plane, evenly spaced, each overlapping the next by at least half (nnU-Net, Isensee et al. 2021); along an axis on
 * which the plane is no larger than a tile, there is one centred tile with padding.
 */
export function predictionWindows(plane: PlaneSize, plan: Plan): PlaneWindow[] {
  const tile: PlaneSize = { rows: plan.plane.rows, columns: plan.plane.columns };
  if (plan.prediction.window === 'whole') return [wholeWindow(plane, tile, sizeMultiple(plan.network))];
  const centred = centredWindow(plane, tile);
  const columnStarts = tileStarts(plane.columns, tile.columns, centred.columnStart);
  return tileStarts(plane.rows, tile.rows, centred.rowStart).flatMap((rowStart) =>
    columnStarts.map((columnStart) => ({ ...tile, rowStart, columnStart })),
  );
}

function tileStarts(length: number, tile: number, centred: number): number[] {
  if (length <= tile) return [centred];
  const steps = Math.ceil((length - tile) / (tile / 2));
  return Array.from({ length: steps + 1 }, (_, step) => Math.round((step * (length - tile)) / steps));
}

/** nnU-Net's width of the Gaussian, as a share of a tile's size. */
const SIGMA = 1 / 8;

/**
 * Says how much each pixel of a tile counts: a Gaussian about its middle, because a network sees least at the border.
 */
export function tileWeights({ rows, columns }: PlaneSize): Float32Array {
  const gaussian = (index: number, length: number) => {
    const distance = (index - (length - 1) / 2) / (SIGMA * length);
    return Math.exp(-(distance ** 2) / 2);
  };
  return Float32Array.from(
    { length: rows * columns },
    (_, pixel) => gaussian(Math.floor(pixel / columns), rows) * gaussian(pixel % columns, columns),
  );
}

/** Sums the weighted values of the windows of one plane, and divides by the weights. */
export class TileBlend {
  readonly #plane: PlaneSize;
  readonly #windows: readonly PlaneWindow[];
  readonly #weights: Float32Array;
  /** The weights of all windows together, by pixel of the plane. */
  readonly #total: Float32Array;

  /** @param windows all are of one size */
  constructor(plane: PlaneSize, windows: readonly PlaneWindow[]) {
    this.#plane = plane;
    this.#windows = windows;
    // One window says all there is, so weighting it would only round.
    this.#weights =
      windows.length === 1 ? new Float32Array(windows[0].rows * windows[0].columns).fill(1) : tileWeights(windows[0]);
    this.#total = new Float32Array(plane.rows * plane.columns);
    const ones = new Float32Array(this.#weights.length).fill(1);
    for (const window of windows) this.#addTo(this.#total, window, ones);
  }

  /** Adds one window's values (`rows * columns`, row-major) to the plane's sum. */
  add(index: number, values: Float32Array, sum: Float32Array): void {
    this.#addTo(sum, this.#windows[index], values);
  }

  /** Turns a sum into a mean. @param times how often each window was added */
  finish(sum: Float32Array, times: number): void {
    for (let pixel = 0; pixel < sum.length; pixel++) sum[pixel] /= this.#total[pixel] * times;
  }

  #addTo(sum: Float32Array, window: PlaneWindow, values: Float32Array): void {
    const { rows, columns } = this.#plane;
    const firstColumn = Math.max(0, -window.columnStart);
    const lastColumn = Math.min(window.columns, columns - window.columnStart);
    const lastRow = Math.min(window.rows, rows - window.rowStart);
    for (let row = Math.max(0, -window.rowStart); row < lastRow; row++) {
      const from = row * window.columns;
      const to = (row + window.rowStart) * columns + window.columnStart;
      for (let column = firstColumn; column < lastColumn; column++) {
        sum[to + column] += this.#weights[from + column] * values[from + column];
      }
    }
  }
}
