import { VoxelLoopError } from '../errors.ts';

/**
 * What is wrong with a file that should be a volume.
 *
 * - `volume-empty`: the file has no bytes.
 * - `volume-unknown`: it is of no known format, or not of the one that its name promises.
 * - `volume-lfs-pointer`, `volume-annex-pointer`, `volume-web-page`, `volume-apple-double`: something else stands where
 *   a file should be (`stand-in.ts`).
 * - `volume-unsupported`: it is a variety of the format that is not read, such as ANALYZE 7.5 or half of a .hdr/.img
 *   pair.
 * - `volume-dimensions`: it has dimensions that no volume has.
 * - `volume-datatype`: its voxel type is unknown or not supported.
 * - `volume-offset`: its voxel data lie where none can be.
 * - `volume-truncated`: it has fewer bytes than the header claims.
 * - `volume-damaged`: its compressed stream is broken.
 * - `volume-too-large`: it has more voxels than this operation can hold.
 * - `volume-not-labels`: it is a readable volume but no label map.
 */
export type VolumeFileErrorCode =
  | 'volume-empty'
  | 'volume-unknown'
  | 'volume-lfs-pointer'
  | 'volume-annex-pointer'
  | 'volume-web-page'
  | 'volume-apple-double'
  | 'volume-unsupported'
  | 'volume-dimensions'
  | 'volume-datatype'
  | 'volume-offset'
  | 'volume-truncated'
  | 'volume-damaged'
  | 'volume-too-large'
  | 'volume-not-labels';

/** A file cannot be read as the volume (or label map) that it should be. */
export class VolumeFileError extends VoxelLoopError {
  constructor(
    readonly code: VolumeFileErrorCode,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }
}
