import type { Vec3 } from '../../geometry/vector.ts';

/** A connected component (26 neighbours) of one label of a prediction, which can be looked at by itself. */
export interface PredictedComponent {
  /** An index into the model's labels, from 1 on. */
  readonly label: number;
  /** The share of its voxels that the network expects to be of another label, 0..1. */
  readonly uncertainty: number;
  readonly volumeMm3: number;
  /** The bounding box in voxels: `[min, max)` along i, j, k. */
  readonly min: Vec3;
  readonly max: Vec3;
  /** The mean of its voxels' indices, which need not lie in it. */
  readonly centreVoxel: Vec3;
}
