import type { PlaneName } from '../geometry/slice-plane.ts';

/**
 * What a person drew, before it becomes voxels: a round brush was moved along a polyline within one slice. A voxel of
 * the slice is painted when its centre lies within `radiusMm` (in the plane, physical distance) of the polyline, or
 * when the polyline passes through it: no brush is too small to draw a line without gaps.
 */
export interface BrushStroke {
  readonly tool: 'brush';
  readonly plane: PlaneName;
  /** The index along the plane's normal axis. */
  readonly slice: number;
  /**
   * The polyline in the plane, in voxel coordinates along the plane's column axis and row axis, with voxel centres at
   * integers; it has at least one point. It is in voxels and not in pixels of the screen, because the way round in
   * which a slice is shown must not decide where it is drawn on (see `pixelOnGrid`).
   */
  readonly path: readonly (readonly [number, number])[];
  readonly radiusMm: number;
  /** The dense label to draw; 0 erases. */
  readonly label: number;
  /**
   * The stroke draws only where this label is now; without it, everywhere. (With 0 it never draws over another label.)
   */
  readonly onlyOver?: number;
}
