import type { LabelMap } from '../label/label-map.ts';

/** Counts of the voxels of one label. */
export interface OverlapCounts {
  readonly prediction: number;
  readonly truth: number;
  /** This counts the voxels that have the label in both maps. */
  readonly both: number;
}

/** Dense labels of consecutive voxels. */
export type DenseLabels = Uint8Array | Uint16Array | Uint32Array | Int16Array | Int32Array;

/** So many voxels are read at a time from a label map. */
const BLOCK = 1 << 16;

/**
 * Counts, label by label, how a prediction and the truth overlap. Voxels are added in any portions, so neither map ever
 * has to be in memory as a whole; only the counts are kept.
 */
export class OverlapCounter {
  readonly #prediction: Float64Array;
  readonly #truth: Float64Array;
  readonly #both: Float64Array;
  readonly #ignored: number | undefined;

  /**
   * @param labelCount labels are 0 to `labelCount - 1`, 0 = background
   * @param ignoredTruth voxels whose truth has this value (unreviewed ones, nnU-Net's ignore label) are left out
   */
  constructor(
    readonly labelCount: number,
    ignoredTruth?: number,
  ) {
    this.#prediction = new Float64Array(labelCount);
    this.#truth = new Float64Array(labelCount);
    this.#both = new Float64Array(labelCount);
    this.#ignored = ignoredTruth;
  }

  /**
   * Adds voxels that lie at the same places: `prediction[n]` on `truth[n]`.
   *
   * @throws RangeError if the lengths differ or a label is not below `labelCount`; the counts are then of no use
   */
  add(prediction: DenseLabels, truth: DenseLabels): void {
    if (prediction.length !== truth.length) {
      throw new RangeError(`${prediction.length} predicted voxels cannot be compared with ${truth.length} true ones.`);
    }
    const ignored = this.#ignored ?? Number.NaN;
    const { labelCount } = this;
    for (let n = 0; n < truth.length; n++) {
      const is = truth[n];
      if (is === ignored) continue;
      const said = prediction[n];
      if (is < 0 || said < 0 || is >= labelCount || said >= labelCount) {
        throw new RangeError(`Labels ${said} and ${is} are not both below ${labelCount}.`);
      }
      this.#truth[is]++;
      this.#prediction[said]++;
      if (is === said) this.#both[is]++;
    }
  }

  /** Adds all voxels of two label maps of one shape. @throws RangeError as `add` */
  addLabelMaps(prediction: LabelMap, truth: LabelMap): void {
    if (prediction.shape.some((n, axis) => n !== truth.shape[axis])) {
      throw new RangeError(
        `A map of ${prediction.shape.join(' x ')} does not lie on one of ${truth.shape.join(' x ')}.`,
      );
    }
    for (let start = 0; start < truth.voxelCount; start += BLOCK) {
      const length = Math.min(BLOCK, truth.voxelCount - start);
      this.add(prediction.read(start, length), truth.read(start, length));
    }
  }

  /**
   * Returns the counts of one label.
   * @throws RangeError if there is no such label
   */
  counts(label: number): OverlapCounts {
    if (!(label in this.#truth)) throw new RangeError(`Label ${label} is not below ${this.labelCount}.`);
    return { prediction: this.#prediction[label], truth: this.#truth[label], both: this.#both[label] };
  }
}
