import { type Affine, affineDeterminant, affineSpacing } from '../../geometry/affine.ts';
import type { VoxelGrid } from '../../geometry/grid.ts';
import type { Vec3, VoxelAxis } from '../../geometry/vector.ts';
import { VOXEL_TYPES, type VoxelType } from '../../volume/voxel-type.ts';
import { codeOfDatatype } from './datatype.ts';
import { type HeaderLayout, headerLayout } from './header-layout.ts';

/** NIFTI_XFORM_SCANNER_ANAT of nifti1.h. */
const SCANNER_ANATOMICAL = 1;
/** NIFTI_UNITS_MM. */
const MILLIMETRES = 2;
/** A NIfTI-1 header can hold no longer extent. */
const MAX_EXTENT = 32_767;

/**
 * Writes everything that precedes the voxels of a new 3-D image that comes from nowhere else (the demo): a
 * little-endian NIfTI-1 header with an sform only, and the four zero bytes that say "no extensions". Scaling is 1 and
 * 0.
 *
 * @throws RangeError if an extent does not fit into NIfTI-1
 */
export function encodeImageHeader(grid: VoxelGrid, datatype: VoxelType): Uint8Array {
  if (grid.shape.some((extent) => extent > MAX_EXTENT)) {
    throw new RangeError(`A volume of ${grid.shape.join(' x ')} does not fit into NIfTI-1.`);
  }
  return newHeader(headerLayout(1), grid, datatype);
}

/**
 * Makes the header for the label maps of an image of another format: it has its grid as sform and, where the axes are
 * orthogonal, as qform too. It is NIfTI-2 where NIfTI-1 cannot count the voxels.
 */
export function geometryHeader(grid: VoxelGrid): Uint8Array {
  const layout = headerLayout(grid.shape.some((extent) => extent > MAX_EXTENT) ? 2 : 1);
  const bytes = newHeader(layout, grid, VOXEL_TYPES.u8);
  const rotation = rotationOf(grid.voxelToWorld);
  if (!rotation) return bytes;
  const view = new DataView(bytes.buffer);
  const [tx, ty, tz] = [grid.voxelToWorld[3], grid.voxelToWorld[7], grid.voxelToWorld[11]];
  layout.writeCode(view, layout.qformCode, SCANNER_ANATOMICAL);
  layout.writeFloat(view, layout.pixdim, rotation.qfac);
  for (const [n, value] of [...rotation.quaternion, tx, ty, tz].entries()) {
    layout.writeFloat(view, layout.quaternion + n * layout.floatLength, value);
  }
  return bytes;
}

function newHeader(layout: HeaderLayout, grid: VoxelGrid, datatype: VoxelType): Uint8Array {
  const bytes = new Uint8Array(layout.headerLength + 4);
  const view = new DataView(bytes.buffer);
  view.setInt32(0, layout.headerLength, true);
  bytes.set(layout.magicBytes, layout.magic);
  layout.writeDimension(view, 0, 3);
  for (let n = 1; n <= 7; n++) layout.writeDimension(view, n, grid.shape[n - 1] ?? 1);
  view.setInt16(layout.datatype, codeOfDatatype(datatype), true);
  view.setInt16(layout.bitpix, datatype.bytesPerVoxel * 8, true);
  layout.writeOffset(view, bytes.length);
  layout.writeFloat(view, layout.sclSlope, 1);
  const spacing = [1, ...grid.spacingMm, 1, 1, 1, 1];
  for (const [n, value] of spacing.entries()) layout.writeFloat(view, layout.pixdim + n * layout.floatLength, value);
  bytes[layout.xyztUnits] = MILLIMETRES;
  layout.writeCode(view, layout.sformCode, SCANNER_ANATOMICAL);
  for (let n = 0; n < 12; n++) layout.writeFloat(view, layout.srow + n * layout.floatLength, grid.voxelToWorld[n]);
  return bytes;
}

/** The cosine of the angle between two axes may be so far from that of a right angle, because headers are rounded. */
const ORTHOGONAL = 1e-4;

/**
 * Finds the unit quaternion (b, c, d; a is at least 0) of the rotation in an affine, and the sign of its third axis
 * (nifti1.h, "QUATERNION REPRESENTATION OF ROTATION MATRIX"). It is null where the axes are not orthogonal.
 */
function rotationOf(affine: Affine): { quaternion: Vec3; qfac: 1 | -1 } | null {
  const spacing = affineSpacing(affine);
  const qfac = affineDeterminant(affine) < 0 ? -1 : 1;
  const entry = (row: number, axis: VoxelAxis) => (affine[4 * row + axis] / spacing[axis]) * (axis === 2 ? qfac : 1);
  for (const [one, other] of [
    [0, 1],
    [0, 2],
    [1, 2],
  ] as const) {
    const cosine = [0, 1, 2].reduce((sum, row) => sum + entry(row, one) * entry(row, other), 0);
    if (Math.abs(cosine) > ORTHOGONAL) return null;
  }
  const diagonal = [entry(0, 0), entry(1, 1), entry(2, 2)];
  // Each is 4 times the square of a component of the quaternion: the largest is taken to divide by.
  const [x, y, z] = diagonal;
  const squares = [1 + x + y + z, 1 + x - y - z, 1 - x + y - z, 1 - x - y + z];
  const largest = squares.indexOf(Math.max(...squares));
  const root = 2 * Math.sqrt(squares[largest]);
  const [yz, xz, xy] = [entry(2, 1) - entry(1, 2), entry(0, 2) - entry(2, 0), entry(1, 0) - entry(0, 1)];
  const [sxy, sxz, syz] = [entry(0, 1) + entry(1, 0), entry(0, 2) + entry(2, 0), entry(1, 2) + entry(2, 1)];
  const quarter = squares[largest] / root;
  const [a, b, c, d] = [
    [quarter, yz / root, xz / root, xy / root],
    [yz / root, quarter, sxy / root, sxz / root],
    [xz / root, sxy / root, quarter, syz / root],
    [xy / root, sxz / root, syz / root, quarter],
  ][largest];
  const sign = a < 0 ? -1 : 1;
  return { quaternion: [sign * b, sign * c, sign * d], qfac };
}
