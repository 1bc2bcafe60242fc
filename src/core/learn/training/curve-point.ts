/** One evaluation during training. */
export interface CurvePoint {
  readonly step: number;
  /** Mean training loss of the last steps. */
  readonly loss: number;
  /** Dice on the tune cases; null where there are none. */
  readonly tuneDice: number | null;
  /** The same of each label, background left out; absent where there are none, and in runs of earlier versions. */
  readonly labelDice?: readonly (number | null)[];
  readonly learningRate: number;
}
