import { VoxelLoopError } from '../../../../core/errors.ts';

/** CUDA support could not be installed. Nothing of it was left behind. */
export class CudaInstallError extends VoxelLoopError {
  readonly code = 'cuda-install';
}
