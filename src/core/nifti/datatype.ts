import { NiftiError } from './nifti-error.ts';

/** How the bytes of one voxel are read. Complex numbers are two floats, colours three or four bytes. */
export type VoxelEncoding =
  | 'u8'
  | 'i8'
  | 'u16'
  | 'i16'
  | 'u32'
  | 'i32'
  | 'u64'
  | 'i64'
  | 'f32'
  | 'f64'
  | 'complex64'
  | 'complex128'
  | 'rgb24'
  | 'rgba32';

/** A NIfTI datatype that can be read (nifti1.h, `datatype` field). */
export interface NiftiDatatype {
  readonly code: number;
  /** What users know it by, e.g. "int16". */
  readonly name: string;
  readonly encoding: VoxelEncoding;
  readonly bytesPerVoxel: number;
  /** Bytes of one number within a voxel: the unit of byte order. */
  readonly bytesPerNumber: 1 | 2 | 4 | 8;
}

function datatype(
  code: number,
  name: string,
  encoding: VoxelEncoding,
  bytesPerVoxel: number,
  bytesPerNumber: 1 | 2 | 4 | 8,
): NiftiDatatype {
  return { code, name, encoding, bytesPerVoxel, bytesPerNumber };
}

export const NIFTI_DATATYPES = {
  u8: datatype(2, 'uint8', 'u8', 1, 1),
  i16: datatype(4, 'int16', 'i16', 2, 2),
  i32: datatype(8, 'int32', 'i32', 4, 4),
  f32: datatype(16, 'float32', 'f32', 4, 4),
  complex64: datatype(32, 'complex64', 'complex64', 8, 4),
  f64: datatype(64, 'float64', 'f64', 8, 8),
  rgb24: datatype(128, 'RGB', 'rgb24', 3, 1),
  i8: datatype(256, 'int8', 'i8', 1, 1),
  u16: datatype(512, 'uint16', 'u16', 2, 2),
  u32: datatype(768, 'uint32', 'u32', 4, 4),
  i64: datatype(1024, 'int64', 'i64', 8, 8),
  u64: datatype(1280, 'uint64', 'u64', 8, 8),
  complex128: datatype(1792, 'complex128', 'complex128', 16, 8),
  rgba32: datatype(2304, 'RGBA', 'rgba32', 4, 1),
} as const satisfies Record<VoxelEncoding, NiftiDatatype>;

const BY_CODE = new Map<number, NiftiDatatype>(Object.values(NIFTI_DATATYPES).map((type) => [type.code, type]));

const REFUSED = new Map([
  [0, 'no voxel type at all'],
  [1, 'single bits'],
  [1536, '128-bit floats'],
  [2048, '256-bit complex numbers'],
]);

/** @throws NiftiError `nifti-datatype` */
export function datatypeOfCode(code: number): NiftiDatatype {
  const found = BY_CODE.get(code);
  if (found) return found;
  const what = REFUSED.get(code) ?? `voxel type ${code}, which NIfTI does not know`;
  throw new NiftiError(
    'nifti-datatype',
    `This file says that it holds ${what}, which cannot be shown; convert it to 16-bit integers or 32-bit floats.`,
  );
}
