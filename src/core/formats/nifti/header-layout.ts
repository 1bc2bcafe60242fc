export type NiftiVersion = 1 | 2;

/**
 * Byte offsets and widths of the header fields that are read or written here (nifti1.h, nifti2.h). Offsets count from
 * the start of the file.
 */
export interface HeaderLayout {
  readonly version: NiftiVersion;
  /** `sizeof_hdr`, which is also what the first four bytes hold. */
  readonly headerLength: 348 | 540;
  readonly magic: number;
  readonly magicBytes: readonly number[];
  readonly datatype: number;
  readonly bitpix: number;
  readonly dim: number;
  readonly pixdim: number;
  readonly voxOffset: number;
  readonly sclSlope: number;
  readonly sclInter: number;
  readonly qformCode: number;
  readonly sformCode: number;
  /** `quatern_b`, `quatern_c`, `quatern_d`, `qoffset_x`, `_y`, `_z`: six floats. */
  readonly quaternion: number;
  /** `srow_x`, `srow_y`, `srow_z`: twelve floats. */
  readonly srow: number;
  readonly xyztUnits: number;
  readonly intentCode: number;
  /** `descrip`: 80 bytes of text, ended by a zero byte. */
  readonly description: number;
  /** Bytes of one float, one code (`qform_code`, `intent_code`) and of `xyzt_units`. */
  readonly floatLength: 4 | 8;
  readonly codeLength: 2 | 4;
  readonly unitsLength: 1 | 4;
  readFloat(view: DataView, at: number, littleEndian: boolean): number;
  /**
   * Reads `dim[n]`. It is read here because of NIfTI-2, whose 64-bit integers the parser gets wrong in big-endian
   * files.
   */
  readDimension(view: DataView, n: number, littleEndian: boolean): number;
  writeDimension(view: DataView, n: number, extent: number): void;
  readOffset(view: DataView, littleEndian: boolean): number;
  writeFloat(view: DataView, at: number, value: number): void;
  writeOffset(view: DataView, offset: number): void;
  writeCode(view: DataView, at: number, code: number): void;
}

/** NIfTI-1 has 348 bytes, 16-bit dimensions and 32-bit floats. Writes are little-endian. */
const NIFTI1_LAYOUT: HeaderLayout = {
  version: 1,
  headerLength: 348,
  magic: 344,
  magicBytes: [0x6e, 0x2b, 0x31, 0],
  dim: 40,
  intentCode: 68,
  datatype: 70,
  bitpix: 72,
  pixdim: 76,
  voxOffset: 108,
  sclSlope: 112,
  sclInter: 116,
  xyztUnits: 123,
  description: 148,
  qformCode: 252,
  sformCode: 254,
  quaternion: 256,
  srow: 280,
  floatLength: 4,
  codeLength: 2,
  unitsLength: 1,
  readFloat: (view, at, littleEndian) => view.getFloat32(at, littleEndian),
  readDimension: (view, n, littleEndian) => view.getInt16(40 + 2 * n, littleEndian),
  writeDimension: (view, n, extent) => view.setInt16(40 + 2 * n, extent, true),
  readOffset: (view, littleEndian) => view.getFloat32(108, littleEndian),
  writeFloat: (view, at, value) => view.setFloat32(at, value, true),
  writeOffset: (view, offset) => view.setFloat32(108, offset, true),
  writeCode: (view, at, code) => view.setInt16(at, code, true),
};

/** NIfTI-2 has 540 bytes, 64-bit dimensions and floats. Writes are little-endian. */
const NIFTI2_LAYOUT: HeaderLayout = {
  version: 2,
  headerLength: 540,
  magic: 4,
  magicBytes: [0x6e, 0x2b, 0x32, 0, 0x0d, 0x0a, 0x1a, 0x0a],
  datatype: 12,
  bitpix: 14,
  dim: 16,
  pixdim: 104,
  voxOffset: 168,
  sclSlope: 176,
  sclInter: 184,
  description: 240,
  qformCode: 344,
  sformCode: 348,
  quaternion: 352,
  srow: 400,
  xyztUnits: 500,
  intentCode: 504,
  floatLength: 8,
  codeLength: 4,
  unitsLength: 4,
  readFloat: (view, at, littleEndian) => view.getFloat64(at, littleEndian),
  readDimension: (view, n, littleEndian) => Number(view.getBigInt64(16 + 8 * n, littleEndian)),
  writeDimension: (view, n, extent) => view.setBigInt64(16 + 8 * n, BigInt(extent), true),
  readOffset: (view, littleEndian) => Number(view.getBigInt64(168, littleEndian)),
  writeFloat: (view, at, value) => view.setFloat64(at, value, true),
  writeOffset: (view, offset) => view.setBigInt64(168, BigInt(offset), true),
  writeCode: (view, at, code) => view.setInt32(at, code, true),
};

export const HEADER_LAYOUTS: readonly HeaderLayout[] = [NIFTI1_LAYOUT, NIFTI2_LAYOUT];

export function headerLayout(version: NiftiVersion): HeaderLayout {
  return version === 1 ? NIFTI1_LAYOUT : NIFTI2_LAYOUT;
}
