import { VoxelLoopError } from '../../core/errors.ts';

/**
 * A place that nothing is written to and nothing is deleted in: it leads, or may lead, out of the folder that the user
 * opened. (What may come from a stranger's folder is described in docs/security.md.)
 */
export class UnsafePathError extends VoxelLoopError {
  readonly code = 'unsafe-path';

  constructor(
    readonly path: string,
    message: string,
  ) {
    super(message);
  }
}
