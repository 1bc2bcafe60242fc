import type { VoxelGrid } from './grid.ts';
import {
  affineOrientation,
  type DirectionLetter,
  directionLetter,
  type Orientation,
  voxelAxisAlong,
  type WorldAxis,
} from './orientation.ts';
import type { Vec3, VoxelAxis } from './vector.ts';

export type { DirectionLetter } from './orientation.ts';

export const PLANE_NAMES = ['axial', 'coronal', 'sagittal'] as const;

/** An anatomical plane. In an oblique volume it is the voxel-grid plane nearest to it. */
export type PlaneName = (typeof PLANE_NAMES)[number];

/** `radiological` puts the patient's right on the left of the screen (the default); `neurological` is the reverse. */
export type DisplayConvention = 'radiological' | 'neurological';

/**
 * How one anatomical plane lies on the voxel grid and on the screen. Slices are never resampled: a plane is a voxel
 * axis to step along and two voxel axes to draw, each perhaps reversed.
 *
 * Screen pixel (column, row), column 0 at the left, row 0 at the top, of slice `s` is the voxel with
 * `index[normalAxis] = s`, `index[columnAxis] = columnReversed ? columns - 1 - column : column`, and the same for rows.
 */
export interface SlicePlane {
  readonly name: PlaneName;
  /** The grid that it is a plane of. */
  readonly grid: VoxelGrid;
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
  /** Each edge of the screen faces this patient direction. */
  readonly edges: {
    readonly left: DirectionLetter;
    readonly right: DirectionLetter;
    readonly top: DirectionLetter;
    readonly bottom: DirectionLetter;
  };
}

/** The world axes of a plane: what it steps along, and towards which patient direction columns and rows grow. */
interface PlaneLayout {
  readonly normal: WorldAxis;
  readonly columns: WorldAxis;
  /**
   * The sign, in RAS+, of the direction in which columns grow (to the right of the screen) in the radiological
   * convention.
   */
  readonly columnSign: 1 | -1;
  readonly rows: WorldAxis;
}

// Rows always grow downwards, towards posterior (axial) or inferior, which is against the RAS+ axis.
const LAYOUTS: Readonly<Record<PlaneName, PlaneLayout>> = {
  axial: { normal: 2, columns: 0, columnSign: -1, rows: 1 },
  coronal: { normal: 1, columns: 0, columnSign: -1, rows: 2 },
  sagittal: { normal: 0, columns: 1, columnSign: -1, rows: 2 },
};

/**
 * Lays the three anatomical planes on `grid`. Axial has anterior up; coronal and sagittal have superior up; sagittal
 * has anterior on the left of the screen. `convention` decides where the patient's right is on axial and coronal
 * planes; the sagittal plane is the same in both.
 */
export function slicePlanes(grid: VoxelGrid, convention: DisplayConvention): Readonly<Record<PlaneName, SlicePlane>> {
  const orientation = affineOrientation(grid.voxelToWorld);
  return {
    axial: slicePlane('axial', grid, orientation, convention),
    coronal: slicePlane('coronal', grid, orientation, convention),
    sagittal: slicePlane('sagittal', grid, orientation, convention),
  };
}

function slicePlane(
  name: PlaneName,
  grid: VoxelGrid,
  orientation: Orientation,
  convention: DisplayConvention,
): SlicePlane {
  const layout = LAYOUTS[name];
  const normalAxis = voxelAxisAlong(orientation, layout.normal);
  const columnAxis = voxelAxisAlong(orientation, layout.columns);
  const rowAxis = voxelAxisAlong(orientation, layout.rows);
  const mirrored = convention === 'neurological' && layout.columns === 0;
  const columnSign = mirrored ? -layout.columnSign : layout.columnSign;
  const letter = (worldAxis: WorldAxis, sign: number): DirectionLetter =>
    directionLetter({ worldAxis, sign: sign > 0 ? 1 : -1 });
  return {
    name,
    grid,
    normalAxis,
    columnAxis,
    columnReversed: orientation[columnAxis].sign !== columnSign,
    rowAxis,
    rowReversed: orientation[rowAxis].sign !== -1,
    sliceCount: grid.shape[normalAxis],
    columns: grid.shape[columnAxis],
    rows: grid.shape[rowAxis],
    columnSpacingMm: grid.spacingMm[columnAxis],
    rowSpacingMm: grid.spacingMm[rowAxis],
    sliceSpacingMm: grid.spacingMm[normalAxis],
    edges: {
      left: letter(layout.columns, -columnSign),
      right: letter(layout.columns, columnSign),
      top: letter(layout.rows, 1),
      bottom: letter(layout.rows, -1),
    },
  };
}

/**
 * Returns the voxel under screen pixel (column, row) of slice `slice`. Fractions pass through: pixel centres are
 * integers.
 */
export function planeVoxel(plane: SlicePlane, slice: number, column: number, row: number): Vec3 {
  const voxel: [number, number, number] = [0, 0, 0];
  voxel[plane.normalAxis] = slice;
  voxel[plane.columnAxis] = plane.columnReversed ? plane.columns - 1 - column : column;
  voxel[plane.rowAxis] = plane.rowReversed ? plane.rows - 1 - row : row;
  return voxel;
}

/**
 * Turns screen pixel (column, row) into voxel coordinates along the plane's column axis and row axis, the same place
 * whichever way round the plane is shown. It is its own inverse.
 */
export function pixelOnGrid(plane: SlicePlane, [column, row]: readonly [number, number]): [number, number] {
  return [plane.columnReversed ? plane.columns - 1 - column : column, plane.rowReversed ? plane.rows - 1 - row : row];
}

/** Returns where `voxel` lies on the plane; it is the inverse of `planeVoxel`. */
export function voxelOnPlane(
  plane: SlicePlane,
  voxel: Vec3,
): { readonly slice: number; readonly column: number; readonly row: number } {
  const along = voxel[plane.columnAxis];
  const down = voxel[plane.rowAxis];
  return {
    slice: voxel[plane.normalAxis],
    column: plane.columnReversed ? plane.columns - 1 - along : along,
    row: plane.rowReversed ? plane.rows - 1 - down : down,
  };
}
