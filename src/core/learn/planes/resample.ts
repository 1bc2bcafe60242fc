/**
 * This is separable resampling of planes with the pixel-edge convention: source and target cover the SAME field of view
 * from outer pixel edge to outer pixel edge, so centre `t` of the target lies at `(t + 0.5) * source / target - 0.5` of
 * the source. Nothing shifts by half a pixel, whatever the sizes.
 */

/**
 * The weights of the source pixels that make each target pixel: `weights[first[t] .. first[t + 1])` from `start[t]` on.
 */
export interface AxisFilter {
  readonly sourceLength: number;
  readonly targetLength: number;
  readonly start: Int32Array;
  readonly first: Int32Array;
  readonly weights: Float32Array;
}

/**
 * Interpolates linearly when growing. When shrinking it widens the same triangle by the factor, so that every source
 * pixel counts (antialiasing: small lesions fade instead of vanishing between samples). Beyond the edge the weights are
 * those of the pixels inside, scaled to sum 1.
 */
export function axisFilter(sourceLength: number, targetLength: number): AxisFilter {
  const scale = sourceLength / targetLength;
  const support = Math.max(1, scale);
  const start = new Int32Array(targetLength);
  const first = new Int32Array(targetLength + 1);
  const weights: number[] = [];
  for (let target = 0; target < targetLength; target++) {
    const centre = (target + 0.5) * scale - 0.5;
    const low = Math.max(0, Math.ceil(centre - support));
    const high = Math.min(sourceLength - 1, Math.floor(centre + support));
    start[target] = low;
    let sum = 0;
    for (let source = low; source <= high; source++) {
      const weight = Math.max(0, 1 - Math.abs(source - centre) / support);
      weights.push(weight);
      sum += weight;
    }
    for (let index = first[target]; index < weights.length; index++) weights[index] /= sum;
    first[target + 1] = weights.length;
  }
  return { sourceLength, targetLength, start, first, weights: Float32Array.from(weights) };
}

/** Turns planes of one size into planes of another. It makes its filters and scratch space once. */
export class PlaneResampler {
  readonly #rows: AxisFilter;
  readonly #columns: AxisFilter;
  readonly #scratch: Float32Array;

  constructor(
    readonly sourceRows: number,
    readonly sourceColumns: number,
    readonly targetRows: number,
    readonly targetColumns: number,
  ) {
    this.#rows = axisFilter(sourceRows, targetRows);
    this.#columns = axisFilter(sourceColumns, targetColumns);
    this.#scratch = new Float32Array(sourceRows * targetColumns);
  }

  /** It is true if both sizes are equal, so that `apply` copies. */
  get isIdentity(): boolean {
    return this.sourceRows === this.targetRows && this.sourceColumns === this.targetColumns;
  }

  /**
   * @param source row-major, `sourceRows * sourceColumns`
   * @param target row-major, `targetRows * targetColumns`
   */
  apply(source: Float32Array, target: Float32Array): void {
    if (this.isIdentity) {
      target.set(source);
      return;
    }
    const { sourceRows, sourceColumns, targetRows, targetColumns } = this;
    const across = this.#columns;
    const scratch = this.#scratch;
    for (let row = 0; row < sourceRows; row++) {
      for (let column = 0; column < targetColumns; column++) {
        let sum = 0;
        let read = row * sourceColumns + across.start[column];
        for (let tap = across.first[column]; tap < across.first[column + 1]; tap++)
          sum += across.weights[tap] * source[read++];
        scratch[row * targetColumns + column] = sum;
      }
    }
    const down = this.#rows;
    target.fill(0, 0, targetRows * targetColumns);
    for (let row = 0; row < targetRows; row++) {
      let read = down.start[row];
      for (let tap = down.first[row]; tap < down.first[row + 1]; tap++, read++) {
        const weight = down.weights[tap];
        for (let column = 0; column < targetColumns; column++)
          target[row * targetColumns + column] += weight * scratch[read * targetColumns + column];
      }
    }
  }
}
