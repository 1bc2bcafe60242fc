import type { PlaneName } from '../geometry/slice-plane.ts';

/**
 * What a person drew, before it becomes voxels: a round brush moved along a polyline within one slice.
 * A voxel of the slice is painted when its centre lies within `radiusMm` (in the plane, physical distance) of the
 * polyline, or when the polyline passes through it: no brush is too small to draw a line without gaps.
 */
export interface BrushStroke {
  readonly tool: 'brush';
  readonly plane: PlaneName;
  /** Index along the plane's normal axis. */
  readonly slice: number;
  /**
   * In-plane polyline in voxel coordinates along the plane's column axis and row axis, voxel centres at integers; at
   * least one point. Voxels and not pixels of the screen: which way round a slice is shown must not decide where it is
   * drawn on (see `pixelOnGrid`).
   */
  readonly path: readonly (readonly [number, number])[];
  readonly radiusMm: number;
  /** Dense label to draw; 0 erases. */
  readonly label: number;
  /** Draw only where this label is now; absent: everywhere. (0: never over another label.) */
  readonly onlyOver?: number;
}
