import type { Affine } from '../../geometry/affine.ts';
import type { Vec3 } from '../../geometry/vector.ts';
import { NO_ORIENTATION } from '../../volume/volume-header.ts';
import { affineOfAxes, LPS_SIGNS, thirdAxis, usableSizes } from '../lps-geometry.ts';
import { isZero, type NrrdAxes, vectorOf } from './nrrd-axes.ts';
import type { NrrdFields } from './nrrd-fields.ts';

export interface NrrdGeometry {
  readonly voxelToWorld: Affine;
  /** The field that the geometry comes from. */
  readonly source: 'space directions' | 'spacings';
  readonly isOriented: boolean;
  /** Sentences for the user. */
  readonly warnings: readonly string[];
}

const UNUSABLE_DIRECTIONS =
  'The space directions of this file are unusable (not finite or flat); their lengths alone are used, as the voxel size.';
const NO_THIRD_DIRECTION =
  'The slices of this file have no space direction; they are taken to lie 1 mm apart, at right angles to the others.';

/** The signs by which a space differs from RAS, with time as a fourth axis behind them or without. */
const SPACES: readonly (readonly [name: RegExp, signs: Vec3])[] = [
  [/^(right-anterior-superior|ras)(-time|t)?$/, [1, 1, 1]],
  [/^(left-anterior-superior|las)(-time|t)?$/, [-1, 1, 1]],
  [/^(left-posterior-superior|lps)(-time|t)?$/, LPS_SIGNS],
];

/**
 * Says where the voxels lie: the space directions and the space origin are in the space that the file names, which is
 * LPS where it is not the patient's. Without directions the axes count as those of LPS, whatever the space is, as in
 * ITK.
 */
export function nrrdGeometry({ fields }: NrrdFields, axes: NrrdAxes): NrrdGeometry {
  const warnings: string[] = [];
  const space = SPACES.find(([name]) => name.test((fields.get('space') ?? '').toLowerCase()));
  const signs = space?.[1] ?? LPS_SIGNS;
  const origin = originOf(fields.get('spaceorigin'), warnings);
  const directions = axes.spatial.map((axis) => axes.directions[axis]);
  const [a, b, c] = directions;
  const lacksThird = c ? isZero(c) : false;
  const second = a && (b ?? otherThan(a));
  const third = a && second && (c && !lacksThird ? c : thirdAxis(a, second));
  const directed = second && third ? affineOfAxes([a, second, third], origin, signs) : null;
  if (directed && lacksThird && axes.sizes[axes.spatial[2]] > 1) warnings.push(NO_THIRD_DIRECTION);
  if (fields.has('spacedirections') && !directed) warnings.push(UNUSABLE_DIRECTIONS);
  warnings.push(...unitWarnings(fields.get('spaceunits')));
  if (!directed || !space) warnings.push(NO_ORIENTATION);
  if (directed)
    return { voxelToWorld: directed, source: 'space directions', isOriented: space !== undefined, warnings };
  const spacings = fields.get('spacings')?.split(/\s+/).map(Number);
  const sizes = axes.spatial.map((axis, n) => spacings?.[axis] ?? lengthOf(directions[n]));
  // The axes of LPS, in the space of the origin.
  const [x, y, z] = usableSizes(sizes).map((size, n) => size * LPS_SIGNS[n] * signs[n]);
  const spaced = affineOfAxes(
    [
      [x, 0, 0],
      [0, y, 0],
      [0, 0, z],
    ],
    origin,
    signs,
  ) as Affine;
  return { voxelToWorld: spaced, source: 'spacings', isOriented: false, warnings };
}

function lengthOf(direction: Vec3 | null): number | undefined {
  return direction ? Math.hypot(...direction) : undefined;
}

function originOf(text: string | undefined, warnings: string[]): Vec3 {
  if (text === undefined) return [0, 0, 0];
  const origin = vectorOf(text);
  if (origin.every(Number.isFinite)) return origin;
  warnings.push('The space origin of this file is unusable (not finite); 0, 0, 0 is used instead.');
  return [0, 0, 0];
}

/** Returns an axis that is orthogonal to a volume's only one. */
function otherThan(axis: Vec3): Vec3 {
  const [x, y, z] = axis.map(Math.abs);
  return thirdAxis(axis, x <= y && x <= z ? [1, 0, 0] : y <= z ? [0, 1, 0] : [0, 0, 1]);
}

/**
 * Warns of other units. Other programs take every length for millimetres, and labels must lie where those show the
 * image.
 */
function unitWarnings(text: string | undefined): string[] {
  const units = [...(text ?? '').matchAll(/"([^"]*)"/g)].map(([, unit]) => unit.trim().toLowerCase());
  const other = units.find(
    (unit) => !['', 'mm', 'millimeter', 'millimeters', 'millimetre', 'millimetres'].includes(unit),
  );
  return other === undefined || units.length === 0
    ? []
    : [
        `This file gives its lengths in "${other.slice(0, 20)}"; they are taken for millimetres, as 3D Slicer and ITK do.`,
      ];
}
