import { basename, dirname } from 'node:path';
import { VoxelLoopError } from '../../core/errors.ts';
import { danglingLink, danglingLinkReason } from './dangling-link.ts';

/** The file system refused. `systemCode` is Node's error code, for instance `ENOSPC`. */
export class FileAccessError extends VoxelLoopError {
  readonly code = 'file-access';

  constructor(
    readonly path: string,
    readonly systemCode: string,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }
}

/**
 * Puts the error of a failed `read` or `write` of `path` into words that say what to do; one that has its words already
 * stays.
 */
export function fileAccessError(action: 'read' | 'write', path: string, error: unknown): FileAccessError {
  if (error instanceof FileAccessError) return error;
  const systemCode = error instanceof Error && 'code' in error ? String(error.code) : 'UNKNOWN';
  const name = basename(path);
  const failed = `${name} cannot be ${action === 'read' ? 'read' : 'written'}`;
  return new FileAccessError(path, systemCode, `${failed}: ${reason(systemCode, action, path, error)}`, {
    cause: error,
  });
}

function reason(systemCode: string, action: 'read' | 'write', path: string, error: unknown): string {
  switch (systemCode) {
    case 'ENOENT': {
      const link = danglingLink(path);
      if (link !== null) return danglingLinkReason(link);
      return action === 'read'
        ? 'it does not exist. Check the path.'
        : `the folder ${dirname(path)} does not exist. Create it first.`;
    }
    case 'ELOOP':
      return 'it is a link that leads back to itself. Remove the link, or let it lead to the file.';
    case 'EIO':
    case 'ESTALE':
    case 'ETIMEDOUT':
      return `the disk does not answer as it should (${systemCode}). Check the disk, or the connection to it, and try again.`;
    case 'EACCES':
    case 'EPERM':
      return `you have no permission to ${action} it. Check the permissions of the file and its folder.`;
    case 'ENOSPC':
    case 'EDQUOT':
      return 'the disk is full. Free some space and try again.';
    case 'EROFS':
      return 'the disk is read-only. Save to another place.';
    case 'EEXIST':
    case 'ENOTDIR':
      return 'a file lies where a folder should be. Choose another place.';
    case 'EISDIR':
      return 'it is a folder. Choose a file.';
    case 'EMFILE':
    case 'ENFILE':
      return 'too many files are open. Close some and try again.';
    case 'EBUSY':
      return 'another program is using it. Close that program and try again.';
    default:
      return `the system says "${error instanceof Error ? error.message : String(error)}". Try again.`;
  }
}
