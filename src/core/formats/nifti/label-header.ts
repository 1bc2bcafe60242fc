import { VOXEL_TYPES, type VoxelType } from '../../volume/voxel-type.ts';
import { codeOfDatatype } from './datatype.ts';
import { headerLayout } from './header-layout.ts';
import type { NiftiHeader } from './nifti-header.ts';

/** NIFTI_INTENT_LABEL of nifti1.h: "value at each voxel is an index into some set of labels". */
const INTENT_LABEL = 1002;
/** The length of `descrip`, with the zero byte that ends it. */
const DESCRIPTION_BYTES = 80;

/**
 * Returns the smallest datatype that holds every one of `values` (integers). Of two that are equally small the signed
 * one comes first: every program that reads NIfTI reads int16 and int32, and not every one reads their unsigned
 * counterparts. 64 bits are taken only where nothing smaller holds the values, because FSL, AFNI and SPM do not read
 * them.
 */
export function labelDatatype(values: Iterable<number>): VoxelType {
  let min = 0;
  let max = 0;
  for (const value of values) {
    if (value < min) min = value;
    if (value > max) max = value;
  }
  if (min >= 0 && max <= 0xff) return VOXEL_TYPES.u8;
  if (min >= -0x8000 && max <= 0x7fff) return VOXEL_TYPES.i16;
  if (min >= 0 && max <= 0xffff) return VOXEL_TYPES.u16;
  if (min >= -0x80000000 && max <= 0x7fffffff) return VOXEL_TYPES.i32;
  if (min >= 0 && max <= 0xffffffff) return VOXEL_TYPES.u32;
  return VOXEL_TYPES.i64;
}

/**
 * Writes everything that precedes the voxels in the file of a label map for `image`: a little-endian header of the
 * image's NIfTI version and the four zero bytes that say "no extensions". Shape (the first three dimensions), sform,
 * qform, both codes, pixdim and units are the image's, floats bit for bit; nothing else of the image is taken over.
 *
 * @param description free text (`descrip`): at most 79 bytes of ASCII
 */
export function encodeLabelHeader(image: NiftiHeader, datatype: VoxelType, description = ''): Uint8Array {
  const layout = headerLayout(image.version);
  const bytes = new Uint8Array(layout.headerLength + 4);
  const view = new DataView(bytes.buffer);
  view.setInt32(0, layout.headerLength, true);
  bytes.set(layout.magicBytes, layout.magic);

  const extents = image.dimensions.slice(0, 3);
  layout.writeDimension(view, 0, extents.length);
  for (let n = 1; n <= 7; n++) layout.writeDimension(view, n, extents[n - 1] ?? 1);
  view.setInt16(layout.datatype, codeOfDatatype(datatype), true);
  view.setInt16(layout.bitpix, datatype.bytesPerVoxel * 8, true);
  layout.writeOffset(view, bytes.length);
  layout.writeFloat(view, layout.sclSlope, 1);
  layout.writeFloat(view, layout.sclInter, 0);
  layout.writeCode(view, layout.intentCode, INTENT_LABEL);

  const text = [...description.slice(0, DESCRIPTION_BYTES - 1)];
  bytes.set(
    text.map((character) => character.charCodeAt(0)),
    layout.description,
  );

  // Bytes, not numbers, are copied: a NaN keeps its bits and nothing is rounded.
  const copy = (at: number, width: number, numbers = 1) => {
    for (let n = 0; n < numbers; n++) {
      const number = image.bytes.slice(at + n * width, at + (n + 1) * width);
      bytes.set(image.littleEndian ? number : number.reverse(), at + n * width);
    }
  };
  copy(layout.pixdim, layout.floatLength, 8);
  copy(layout.xyztUnits, layout.unitsLength);
  copy(layout.qformCode, layout.codeLength);
  copy(layout.sformCode, layout.codeLength);
  copy(layout.quaternion, layout.floatLength, 6);
  copy(layout.srow, layout.floatLength, 12);
  return bytes;
}

/** Returns the free text (`descrip`) of a header. */
export function headerDescription({ version, bytes }: NiftiHeader): string {
  const { description } = headerLayout(version);
  const text = bytes.subarray(description, description + DESCRIPTION_BYTES);
  const end = text.indexOf(0);
  return String.fromCharCode(...(end < 0 ? text : text.subarray(0, end)));
}
