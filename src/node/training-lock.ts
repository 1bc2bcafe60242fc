import { join } from 'node:path';
import { VoxelLoopError } from '../core/errors.ts';
import { type ProcessLock, takeLock } from './process-lock.ts';

/** Somebody else is training on this cohort. */
export class TrainingLockedError extends VoxelLoopError {
  readonly code = 'training-locked';
}

export type TrainingLock = ProcessLock;

/**
 * Locks a cohort for training: one run at a time (`takeLock`).
 *
 * @param stateDir the cohort's `.voxel-loop`, which must exist
 * @throws TrainingLockedError with code `training-locked`; FileAccessError
 */
export async function lockTraining(stateDir: string): Promise<TrainingLock> {
  const path = join(stateDir, 'training.lock');
  const taken = await takeLock(path);
  if ('release' in taken) return taken;
  const { heldBy: by } = taken;
  throw new TrainingLockedError(
    by
      ? `Training on this cohort is running already (process ${by.pid} on ${by.host}, since ${by.since}): wait for it or stop it. If no such process is yours, remove ${path}.`
      : `Training on this cohort is running already: wait for it or stop it. If it is not, remove ${path}.`,
  );
}
