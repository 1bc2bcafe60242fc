import type { ReadonlyLabelMap } from '../label/label-map.ts';

/** A predicted label map that is not accepted yet. Immutable: what became of it is kept beside it, per slice. */
export interface Proposal {
  /** Unique among all proposals for this case; a new prediction has a new one. */
  readonly id: string;
  readonly modelVersion: number;
  /** What the user reads: "model 3". */
  readonly modelName: string;
  /** On the grid of the case, in dense indices of the case's label table. */
  readonly labels: ReadonlyLabelMap;
  /** By slice along the review axis, from 0 (certain) up: which slices to look at first. */
  readonly uncertainty: ArrayLike<number>;
}
