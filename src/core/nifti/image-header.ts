import type { VoxelGrid } from '../geometry/grid.ts';
import type { NiftiDatatype } from './datatype.ts';
import { headerLayout } from './header-layout.ts';

/** NIFTI_XFORM_SCANNER_ANAT of nifti1.h. */
const SCANNER_ANATOMICAL = 1;
/** NIFTI_UNITS_MM. */
const MILLIMETRES = 2;
/** The longest extent that a NIfTI-1 header can hold. */
const MAX_EXTENT = 32_767;

/**
 * Everything that precedes the voxels of a new 3-D image that comes from nowhere else (the demo): a little-endian
 * NIfTI-1 header, sform only, and the four zero bytes that say "no extensions". Scaling is 1 and 0.
 *
 * @throws RangeError if an extent does not fit into NIfTI-1
 */
export function encodeImageHeader(grid: VoxelGrid, datatype: NiftiDatatype): Uint8Array {
  if (grid.shape.some((extent) => extent > MAX_EXTENT)) {
    throw new RangeError(`A volume of ${grid.shape.join(' x ')} does not fit into NIfTI-1.`);
  }
  const layout = headerLayout(1);
  const bytes = new Uint8Array(layout.headerLength + 4);
  const view = new DataView(bytes.buffer);
  view.setInt32(0, layout.headerLength, true);
  bytes.set(layout.magicBytes, layout.magic);
  layout.writeDimension(view, 0, 3);
  for (let n = 1; n <= 7; n++) layout.writeDimension(view, n, grid.shape[n - 1] ?? 1);
  view.setInt16(layout.datatype, datatype.code, true);
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
