import { VolumeFileError } from '../../volume/volume-file-error.ts';
import { VOXEL_TYPES, type VoxelEncoding, type VoxelType } from '../../volume/voxel-type.ts';

/** The `datatype` field of nifti1.h, by how the bytes of a voxel are read. */
const CODES: Readonly<Record<VoxelEncoding, number>> = {
  u8: 2,
  i16: 4,
  i32: 8,
  f32: 16,
  complex64: 32,
  f64: 64,
  rgb24: 128,
  i8: 256,
  u16: 512,
  u32: 768,
  i64: 1024,
  u64: 1280,
  complex128: 1792,
  rgba32: 2304,
};

const BY_CODE = new Map<number, VoxelType>(Object.values(VOXEL_TYPES).map((type) => [CODES[type.encoding], type]));

const REFUSED = new Map([
  [0, 'no voxel type at all'],
  [1, 'single bits'],
  [1536, '128-bit floats'],
  [2048, '256-bit complex numbers'],
]);

export function codeOfDatatype({ encoding }: VoxelType): number {
  return CODES[encoding];
}

/** @throws VolumeFileError `volume-datatype` */
export function datatypeOfCode(code: number): VoxelType {
  const found = BY_CODE.get(code);
  if (found) return found;
  const what = REFUSED.get(code) ?? `voxel type ${code}, which NIfTI does not know`;
  throw new VolumeFileError(
    'volume-datatype',
    `This file says that it holds ${what}, which cannot be shown; convert it to 16-bit integers or 32-bit floats.`,
  );
}
