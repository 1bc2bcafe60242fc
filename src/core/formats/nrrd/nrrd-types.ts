import { VolumeFileError } from '../../volume/volume-file-error.ts';
import { VOXEL_TYPES, type VoxelType } from '../../volume/voxel-type.ts';
import { shortened } from '../claimed-numbers.ts';

/** Every name of a type that the format's definition knows, in small letters. */
const NAMES: readonly (readonly [type: VoxelType, names: readonly string[]])[] = [
  [VOXEL_TYPES.i8, ['signed char', 'int8', 'int8_t']],
  [VOXEL_TYPES.u8, ['uchar', 'unsigned char', 'uint8', 'uint8_t']],
  [VOXEL_TYPES.i16, ['short', 'short int', 'signed short', 'signed short int', 'int16', 'int16_t']],
  [VOXEL_TYPES.u16, ['ushort', 'unsigned short', 'unsigned short int', 'uint16', 'uint16_t']],
  [VOXEL_TYPES.i32, ['int', 'signed int', 'int32', 'int32_t']],
  [VOXEL_TYPES.u32, ['uint', 'unsigned int', 'uint32', 'uint32_t']],
  [
    VOXEL_TYPES.i64,
    ['longlong', 'long long', 'long long int', 'signed long long', 'signed long long int', 'int64', 'int64_t'],
  ],
  [VOXEL_TYPES.u64, ['ulonglong', 'unsigned long long', 'unsigned long long int', 'uint64', 'uint64_t']],
  [VOXEL_TYPES.f32, ['float']],
  [VOXEL_TYPES.f64, ['double']],
];

/** @throws VolumeFileError `volume-datatype` */
export function nrrdType(name: string): VoxelType {
  const found = NAMES.find(([, names]) => names.includes(name.toLowerCase()));
  if (found) return found[0];
  throw new VolumeFileError(
    'volume-datatype',
    `This file says that it holds voxels of type "${shortened(name)}", which cannot be shown; convert it to 16-bit integers or 32-bit floats.`,
  );
}
