import { VoxelLoopError } from '../../core/errors.ts';

/** The package that an engine needs is missing or incomplete, or does not run on this machine. */
export class EnginePackageError extends VoxelLoopError {
  readonly code = 'engine-package';
}
