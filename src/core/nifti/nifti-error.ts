import { VoxelLoopError } from '../errors.ts';

/**
 * What is wrong with a file that should be a NIfTI volume.
 *
 * - `nifti-empty`: the file has no bytes
 * - `nifti-not-nifti`: not a NIfTI file at all
 * - `nifti-lfs-pointer`, `nifti-annex-pointer`, `nifti-web-page`, `nifti-apple-double`: what stands where a file should be (`stand-in.ts`)
 * - `nifti-analyze`: ANALYZE 7.5, the format before NIfTI
 * - `nifti-pair`: half of a .hdr/.img pair
 * - `nifti-dimensions`: dimensions that no volume has
 * - `nifti-datatype`: a voxel type that is unknown or not supported
 * - `nifti-offset`: voxel data where none can be
 * - `nifti-truncated`: fewer bytes than the header claims
 * - `nifti-damaged`: the compressed stream is broken
 * - `nifti-too-large`: more voxels than this operation can hold
 * - `nifti-not-labels`: a readable volume that is no label map
 */
export type NiftiErrorCode =
  | 'nifti-empty'
  | 'nifti-not-nifti'
  | 'nifti-lfs-pointer'
  | 'nifti-annex-pointer'
  | 'nifti-web-page'
  | 'nifti-apple-double'
  | 'nifti-analyze'
  | 'nifti-pair'
  | 'nifti-dimensions'
  | 'nifti-datatype'
  | 'nifti-offset'
  | 'nifti-truncated'
  | 'nifti-damaged'
  | 'nifti-too-large'
  | 'nifti-not-labels';

/** A file cannot be read as the NIfTI volume (or label map) that it should be. */
export class NiftiError extends VoxelLoopError {
  constructor(
    readonly code: NiftiErrorCode,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }
}
