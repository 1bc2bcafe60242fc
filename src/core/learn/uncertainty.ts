import type { Vec3, VoxelAxis } from '../geometry/vector.ts';
import type { SliceFrame } from './slice-frame.ts';

/** Pixels that are background with at least this probability do not count. */
const CERTAIN_BACKGROUND = 0.95;
/** A speck of doubt weighs as if spread over this many pixels. */
const FEWEST_PIXELS = 16;

/**
 * How unsure a network is of each slice along the review axis: the mean entropy (over the logarithm of the number of
 * classes, so 0..1) of the pixels that may be foreground, which are the masks and their blurred borders. A slice of sure
 * background scores 0, sharp masks score low, wide smears score high, whatever the size of the organ.
 */
export class UncertaintyBySlice {
  readonly #entropy: Float64Array;
  readonly #counted: Float64Array;
  /** Voxel index along the review axis = `floor(offset / stride) % extent`. */
  readonly #stride: number;

  /**
   * @param shape of the volume
   * @param frame how the slices lie that are added
   */
  constructor(
    shape: Vec3,
    private readonly frame: SliceFrame,
    private readonly reviewAxis: VoxelAxis,
  ) {
    this.#entropy = new Float64Array(shape[reviewAxis]);
    this.#counted = new Float64Array(shape[reviewAxis]);
    this.#stride = [1, shape[0], shape[0] * shape[1]][reviewAxis];
  }

  /** @param probabilities of slice `slice` of the frame, by class: `frame.rows * frame.columns` numbers each */
  add(slice: number, probabilities: readonly Float32Array[]): void {
    const { frame } = this;
    const extent = this.#entropy.length;
    for (let row = 0, pixel = 0; row < frame.rows; row++) {
      let offset = frame.origin + slice * frame.sliceStride + row * frame.rowStride;
      for (let column = 0; column < frame.columns; column++, pixel++, offset += frame.columnStride) {
        if (probabilities[0][pixel] >= CERTAIN_BACKGROUND) continue;
        let entropy = 0;
        for (const ofClass of probabilities) {
          const probability = ofClass[pixel];
          if (probability > 0) entropy -= probability * Math.log(probability);
        }
        const reviewed = this.reviewAxis === frame.axis ? slice : Math.floor(offset / this.#stride) % extent;
        this.#entropy[reviewed] += entropy / Math.log(probabilities.length);
        this.#counted[reviewed]++;
      }
    }
  }

  /** By slice along the review axis: 0 certain .. 1 as uncertain as can be. */
  values(): number[] {
    // Resampled probabilities may sum to a little more than 1.
    return Array.from(this.#entropy, (entropy, slice) =>
      Math.min(1, Math.max(0, entropy / Math.max(this.#counted[slice], FEWEST_PIXELS))),
    );
  }
}
