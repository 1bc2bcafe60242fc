import type { Vec3 } from '../../geometry/vector.ts';
import type { ReadonlyLabelMap } from '../../label/label-map.ts';

/** A structure of a proposal, as the network saw it: where it lies, and how sure it is. */
export interface ProposedComponent {
  /** An index into the case's label table. */
  readonly label: number;
  /** The share of its voxels that the network expects to be of another label, 0..1. */
  readonly uncertainty: number;
  /** The bounding box in voxels: `[min, max)` along i, j, k. */
  readonly min: Vec3;
  readonly max: Vec3;
}

/** A predicted label map that is not accepted yet. It is immutable: what became of it is kept beside it, per slice. */
export interface Proposal {
  /** The id is unique among all proposals for this case; a new prediction has a new one. */
  readonly id: string;
  readonly modelVersion: number;
  /** The name that the user reads, such as "model 3". */
  readonly modelName: string;
  /** The labels lie on the grid of the case, in dense indices of the case's label table. */
  readonly labels: ReadonlyLabelMap;
  /** The uncertainty by slice along the review axis, from 0 (certain) up. It says which slices to look at first. */
  readonly uncertainty: ArrayLike<number>;
  /** What is known of its components; without it nothing is. */
  readonly components?: readonly ProposedComponent[];
}
