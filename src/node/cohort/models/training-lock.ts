import { join } from 'node:path';
import { VoxelLoopError } from '../../../core/errors.ts';
import { GuardedFolder } from '../../files/guarded-folder.ts';
import { isLocked, type ProcessLock, takeLock } from '../../files/process-lock.ts';

/** Somebody else is training on this cohort. */
export class TrainingLockedError extends VoxelLoopError {
  readonly code = 'training-locked';
}

export type TrainingLock = ProcessLock;

/**
 * Locks a cohort for training, because only one run may go on at a time (`takeLock`).
 *
 * @param stateDir the cohort's `.voxel-loop`, which must exist
 * @param files the folder that the lock must not lead out of
 * @throws TrainingLockedError with code `training-locked`; UnsafePathError, FileAccessError
 */
export async function lockTraining(stateDir: string, files = new GuardedFolder(stateDir)): Promise<TrainingLock> {
  const path = lockPath(stateDir);
  const taken = await takeLock(path, files);
  if ('release' in taken) return taken;
  const { heldBy: by } = taken;
  throw new TrainingLockedError(
    by
      ? `Training on this cohort is running already (process ${by.pid} on ${by.host}, since ${by.since}): wait for it or stop it. If no such process is yours, remove ${path}.`
      : `Training on this cohort is running already: wait for it or stop it. If it is not, remove ${path}.`,
  );
}

/** Tells whether a training runs on this cohort. Nothing is written. @throws FileAccessError */
export function isTrainingLocked(stateDir: string): Promise<boolean> {
  return isLocked(lockPath(stateDir));
}

function lockPath(stateDir: string): string {
  return join(stateDir, 'training.lock');
}
