import { VoxelLoopError } from '../../core/errors.ts';

/**
 * Nothing is written or deleted at this place, because it leads, or may lead, out of the folder that the user opened.
 * (docs/security.md describes what may come from a stranger's folder.)
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
