import { setTimeout as sleep } from 'node:timers/promises';
import { VoxelLoopError } from '../../../core/errors.ts';
import type { GuardedFolder } from '../../files/guarded-folder.ts';
import { type ProcessLock, takeLock } from '../../files/process-lock.ts';

/** Somebody else is saving the case and has not finished in time. */
export class CaseBusyError extends VoxelLoopError {
  readonly code = 'case-busy';
}

/** A save does nothing between its files that takes time, but a disk may be slow. */
const MOST_WAITING_MS = 10_000;
const LOOK_EVERY_MS = 50;

/**
 * Takes the lock under which a case is saved, and waits while another save holds it.
 *
 * @param path the lock file; its folder must exist
 * @param files the folder that the lock must not lead out of
 * @param caseId the name of the case in the message of an error
 * @throws CaseBusyError, UnsafePathError, FileAccessError
 */
export async function lockCase(path: string, files: GuardedFolder, caseId: string): Promise<ProcessLock> {
  const began = performance.now();
  for (;;) {
    const lock = await takeLock(path, files);
    if ('release' in lock) return lock;
    if (performance.now() - began > MOST_WAITING_MS) {
      throw new CaseBusyError(
        lock.heldBy
          ? `${caseId} is being saved by another window on ${lock.heldBy.host}. Save again in a moment. If that machine is gone, its lock ends after five minutes.`
          : `Somebody began to save ${caseId}, and ${path} does not say who. Save again in half a minute; if that does not help, remove that file.`,
      );
    }
    await sleep(LOOK_EVERY_MS);
  }
}
