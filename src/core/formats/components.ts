import { VolumeFileError } from '../volume/volume-file-error.ts';
import { VOXEL_TYPES, type VoxelType } from '../volume/voxel-type.ts';

/** Diffusion images have a few hundred components. */
const MOST_COMPONENTS = 4096;

/**
 * Says what several values of one type in every voxel are: three and four bytes are a colour, all else is so many
 * volumes that alternate.
 * @throws VolumeFileError if there are too many
 */
export function alternatingVolumes(
  type: VoxelType,
  components: number,
  mayBeColour = true,
): { datatype: VoxelType; interleaved: number } {
  if (mayBeColour && type === VOXEL_TYPES.u8 && components === 3)
    return { datatype: VOXEL_TYPES.rgb24, interleaved: 1 };
  if (mayBeColour && type === VOXEL_TYPES.u8 && components === 4)
    return { datatype: VOXEL_TYPES.rgba32, interleaved: 1 };
  if (components > MOST_COMPONENTS) {
    throw new VolumeFileError(
      'volume-unsupported',
      `Every voxel of this file holds ${components} values, and ${MOST_COMPONENTS} is the most that is read; save the values that are needed as volumes of their own.`,
    );
  }
  return { datatype: type, interleaved: components };
}

/**
 * Returns the extents of a volume as `VolumeHeader.dimensions` has them: those of space, then volumes one after the
 * other, then alternating ones.
 */
export function fileDimensions(spatial: readonly number[], later: readonly number[], interleaved: number): number[] {
  const behind = [...later, ...(interleaved > 1 ? [interleaved] : [])];
  const missing = behind.length > 0 ? Array<number>(3 - spatial.length).fill(1) : [];
  return [...spatial, ...missing, ...behind];
}
