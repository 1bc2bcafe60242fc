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

/** What a voxel of a file is, in any format. */
export interface VoxelType {
  /** Users know it by this name, such as "int16". */
  readonly name: string;
  readonly encoding: VoxelEncoding;
  readonly bytesPerVoxel: number;
  /** The bytes of one number within a voxel, which are the unit of byte order. */
  readonly bytesPerNumber: 1 | 2 | 4 | 8;
}

function voxelType(
  name: string,
  encoding: VoxelEncoding,
  bytesPerVoxel: number,
  bytesPerNumber: 1 | 2 | 4 | 8,
): VoxelType {
  return { name, encoding, bytesPerVoxel, bytesPerNumber };
}

export const VOXEL_TYPES = {
  u8: voxelType('uint8', 'u8', 1, 1),
  i8: voxelType('int8', 'i8', 1, 1),
  u16: voxelType('uint16', 'u16', 2, 2),
  i16: voxelType('int16', 'i16', 2, 2),
  u32: voxelType('uint32', 'u32', 4, 4),
  i32: voxelType('int32', 'i32', 4, 4),
  u64: voxelType('uint64', 'u64', 8, 8),
  i64: voxelType('int64', 'i64', 8, 8),
  f32: voxelType('float32', 'f32', 4, 4),
  f64: voxelType('float64', 'f64', 8, 8),
  complex64: voxelType('complex64', 'complex64', 8, 4),
  complex128: voxelType('complex128', 'complex128', 16, 8),
  rgb24: voxelType('RGB', 'rgb24', 3, 1),
  rgba32: voxelType('RGBA', 'rgba32', 4, 1),
} as const satisfies Record<VoxelEncoding, VoxelType>;

/** Says whether a voxel is one real number, which a label can be; a colour and a complex number are not. */
export function isOneNumber({ encoding }: VoxelType): boolean {
  return !['rgb24', 'rgba32', 'complex64', 'complex128'].includes(encoding);
}
