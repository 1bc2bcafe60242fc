/** What is known of one slice of a proposal without its truth. */
export interface SliceSignals {
  /** Expected Dice error by the network's own probabilities, 0..1 (see `sliceUncertainties`). */
  readonly uncertainty: number;
  /**
   * One minus the Dice of several opinions of the slice with one another, 0..1. It is null where there was one opinion
   * only.
   */
  readonly disagreement: number | null;
  /**
   * How far the slice is from those that the model was trained on, in typical distances between training slices (about
   * 1 for one of them). It is null where the model does not say what it was trained on.
   */
  readonly distance: number | null;
  /** The area of what is proposed on it, all labels together. It is null where it is not known. */
  readonly areaMm2: number | null;
}

/** The same for all slices along an axis, as proposals and messages keep it: one list for each signal that is known. */
export interface SignalColumns {
  readonly uncertainty: readonly number[];
  readonly disagreement: readonly number[] | null;
  readonly distance: readonly number[] | null;
  readonly areaMm2: readonly number[] | null;
}

/** Returns the signals of one slice. */
export function signalsOfSlice(
  { uncertainty, disagreement, distance, areaMm2 }: SignalColumns,
  slice: number,
): SliceSignals {
  return {
    uncertainty: uncertainty[slice],
    disagreement: disagreement?.[slice] ?? null,
    distance: distance?.[slice] ?? null,
    areaMm2: areaMm2?.[slice] ?? null,
  };
}
