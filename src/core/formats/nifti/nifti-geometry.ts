import { type Affine, affineSpacing, isInvertibleAffine } from '../../geometry/affine.ts';
import type { Vec3 } from '../../geometry/vector.ts';
import { NO_ORIENTATION } from '../../volume/volume-header.ts';

/** The header fields that place voxels in space, as they stand in the file. */
export interface NiftiGeometryFields {
  /** `pixdim[0..7]`: qfac, then the voxel sizes. */
  readonly pixdim: readonly number[];
  readonly xyztUnits: number;
  readonly qformCode: number;
  readonly sformCode: number;
  /** `quatern_b`, `quatern_c`, `quatern_d`. */
  readonly quaternion: Vec3;
  readonly qoffset: Vec3;
  /** `srow_x`, `srow_y`, `srow_z`: twelve numbers. */
  readonly srow: readonly number[];
}

export type GeometrySource = 'sform' | 'qform' | 'pixdim';

export interface NiftiGeometry {
  readonly voxelToWorld: Affine;
  readonly spacingMm: Vec3;
  readonly source: GeometrySource;
  /** Sentences for the user. */
  readonly warnings: readonly string[];
}

/**
 * Says where the voxels lie (nifti1.h, "3D IMAGE (VOLUME) ORIENTATION AND LOCATION IN SPACE"): by the sform where it is
 * coded and usable (finite, not singular), else by the qform, else by the voxel sizes alone with voxel (0, 0, 0) at the
 * origin. The sform comes first, whichever code is higher, as in nibabel, FSL and SPM. Lengths become millimetres.
 */
export function niftiGeometry(fields: NiftiGeometryFields): NiftiGeometry {
  const warnings: string[] = [];
  const unit = millimetresPerUnit(fields.xyztUnits, warnings);
  const sizes = voxelSizes(fields.pixdim);
  const inMillimetres = (affine: Affine): Affine => affine.map((value, index) => (index < 12 ? value * unit : value));
  const sform = inMillimetres([...fields.srow, 0, 0, 0, 1]);
  const sformUsable = fields.sformCode > 0 && isInvertibleAffine(sform);
  const qform = fields.qformCode > 0 ? inMillimetres(quaternionAffine(fields, sizes.sizes)) : undefined;
  const qformUsable = qform !== undefined && isInvertibleAffine(qform);

  if (fields.sformCode > 0 && !sformUsable) {
    warnings.push(
      `The sform of this file is unusable (not finite or flat); the ${qformUsable ? 'qform' : 'voxel size'} is used instead.`,
    );
  }
  if (fields.qformCode > 0 && !qformUsable && !sformUsable) {
    warnings.push('The qform of this file is unusable (not finite); the voxel size is used instead.');
  }
  if (sformUsable && qformUsable && !nearlyEqual(sform, qform)) {
    warnings.push('The sform and the qform of this file place the voxels differently; the sform is used.');
  }
  if (!sformUsable && sizes.warning) warnings.push(sizes.warning);
  if (sformUsable && !sizes.warning) {
    const said = sizes.sizes.map((size) => size * unit) as unknown as Vec3;
    const used = affineSpacing(sform);
    if (said.some((size, axis) => Math.abs(size - used[axis]) > SIZE_TOLERANCE * used[axis])) {
      warnings.push(
        `The voxel sizes of this file (${inWords(said)} mm) contradict its sform, by which they are ${inWords(used)} mm; the sform is used.`,
      );
    }
  }

  let source: GeometrySource;
  let voxelToWorld: Affine;
  if (sformUsable) {
    [source, voxelToWorld] = ['sform', sform];
  } else if (qformUsable) {
    [source, voxelToWorld] = ['qform', qform];
  } else {
    const [x, y, z] = sizes.sizes;
    [source, voxelToWorld] = ['pixdim', inMillimetres([x, 0, 0, 0, 0, y, 0, 0, 0, 0, z, 0, 0, 0, 0, 1])];
    warnings.push(NO_ORIENTATION);
  }
  return { voxelToWorld, spacingMm: affineSpacing(voxelToWorld), source, warnings };
}

function millimetresPerUnit(xyztUnits: number, warnings: string[]): number {
  switch (xyztUnits & 0x07) {
    case 1:
      warnings.push('This file is in metres; it is shown in millimetres.');
      return 1000;
    case 3:
      warnings.push('This file is in micrometres; it is shown in millimetres.');
      return 0.001;
    default:
      // 2 is millimetres; files that say nothing (0) are in millimetres in practice.
      return 1;
  }
}

/** Voxel sizes are rounded in many ways, but not by a hundredth. */
const SIZE_TOLERANCE = 0.01;

function inWords(sizes: Vec3): string {
  return sizes.map((size) => Number(size.toPrecision(3))).join(' x ');
}

/** Sizes outside of this, in any unit, are rubbish. */
const SMALLEST_SIZE = 1e-9;
const LARGEST_SIZE = 1e9;

/** Makes `pixdim[1..3]` usable: above 0 and finite. */
function voxelSizes(pixdim: readonly number[]): { sizes: Vec3; warning: string | undefined } {
  const stored = [pixdim[1], pixdim[2], pixdim[3]];
  const usable = (size: number) => Math.abs(size) >= SMALLEST_SIZE && Math.abs(size) <= LARGEST_SIZE;
  const sizes = stored.map((size) => (usable(size) ? Math.abs(size) : 1));
  const missing = !stored.every(usable);
  const negative = stored.some((size) => size < 0);
  let warning: string | undefined;
  if (missing) warning = 'This file gives no voxel size along some axis; 1 is assumed there.';
  else if (negative) warning = 'This file gives negative voxel sizes; their sign is ignored.';
  return { sizes: sizes as unknown as Vec3, warning };
}

/**
 * Returns the affine of the qform: rotation from the unit quaternion (a, b, c, d) with a >= 0, times the voxel sizes,
 * the third column times qfac (`pixdim[0]`; 0 counts as 1). `b2 + c2 + d2` slightly above 1 comes from rounding: a is
 * then 0.
 */
function quaternionAffine(fields: NiftiGeometryFields, sizes: Vec3): Affine {
  let [b, c, d] = fields.quaternion;
  const squared = b * b + c * c + d * d;
  let a = 0;
  if (1 - squared < 1e-7) {
    const norm = Math.sqrt(squared);
    b /= norm;
    c /= norm;
    d /= norm;
  } else {
    a = Math.sqrt(1 - squared);
  }
  const [x, y, z] = sizes;
  const thirdAxis = fields.pixdim[0] < 0 ? -z : z;
  const [tx, ty, tz] = fields.qoffset;
  return [
    ...[(a * a + b * b - c * c - d * d) * x, 2 * (b * c - a * d) * y, 2 * (b * d + a * c) * thirdAxis, tx],
    ...[2 * (b * c + a * d) * x, (a * a + c * c - b * b - d * d) * y, 2 * (c * d - a * b) * thirdAxis, ty],
    ...[2 * (b * d - a * c) * x, 2 * (c * d + a * b) * y, (a * a + d * d - c * c - b * b) * thirdAxis, tz],
    ...[0, 0, 0, 1],
  ];
}

/** Says whether two affines are equal within a hundredth of a voxel, which header rounding stays far below. */
function nearlyEqual(a: Affine, b: Affine): boolean {
  const tolerance = 0.01 * Math.min(...affineSpacing(b));
  return a.every((value, index) => Math.abs(value - b[index]) <= tolerance);
}
