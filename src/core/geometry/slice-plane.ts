import type { VoxelAxis } from './vector.ts';

export const PLANE_NAMES = ['axial', 'coronal', 'sagittal'] as const;

/** An anatomical plane. For an oblique volume: the voxel-grid plane nearest to it. */
export type PlaneName = (typeof PLANE_NAMES)[number];

/** `radiological`: the patient's right is on the left of the screen (the default); `neurological`: the reverse. */
export type DisplayConvention = 'radiological' | 'neurological';

/** A letter of the patient's six directions. */
export type DirectionLetter = 'R' | 'L' | 'A' | 'P' | 'S' | 'I';

/**
 * How one anatomical plane lies on the voxel grid and on the screen. Slices are never resampled: a plane is a voxel
 * axis to step along and two voxel axes to draw, each perhaps reversed.
 *
 * Screen pixel (column, row), column 0 at the left, row 0 at the top, of slice `s` is the voxel with
 * `index[normalAxis] = s`, `index[columnAxis] = columnReversed ? columns - 1 - column : column`, and the same for rows.
 */
export interface SlicePlane {
  readonly name: PlaneName;
  readonly normalAxis: VoxelAxis;
  readonly columnAxis: VoxelAxis;
  readonly columnReversed: boolean;
  readonly rowAxis: VoxelAxis;
  readonly rowReversed: boolean;
  readonly sliceCount: number;
  readonly columns: number;
  readonly rows: number;
  readonly columnSpacingMm: number;
  readonly rowSpacingMm: number;
  readonly sliceSpacingMm: number;
  /** Which patient direction each edge of the screen faces. */
  readonly edges: {
    readonly left: DirectionLetter;
    readonly right: DirectionLetter;
    readonly top: DirectionLetter;
    readonly bottom: DirectionLetter;
  };
}
