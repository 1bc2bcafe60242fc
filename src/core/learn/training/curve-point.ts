/** One evaluation during training. */
export interface CurvePoint {
  readonly step: number;
  /** The mean training loss of the last steps. */
  readonly loss: number;
  /** The Dice on the tune cases. It is null where there are none. */
  readonly tuneDice: number | null;
  /**
   * The same for each label, background left out. It is absent where there are none, and in runs of earlier versions.
   */
  readonly labelDice?: readonly (number | null)[];
  readonly learningRate: number;
}
