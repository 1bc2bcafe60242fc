import { join } from 'node:path';
import { removeSnapshots, TRAINING_FILES } from '../../node/cohort/models/training-files.ts';
import { GuardedFolder } from '../../node/files/guarded-folder.ts';
import { removeAllLeftTemporaries } from '../../node/files/left-temporaries.ts';
import type { CheckpointToWrite, WrittenCheckpoint } from './checkpoint-contract.ts';

/**
 * Writes a checkpoint. It runs on a thread of its own (`CheckpointThread`). When it throws, the checkpoint before is
 * still there.
 * @throws UnsafePathError
 * @throws FileAccessError
 */
export async function writeCheckpoint(given: CheckpointToWrite): Promise<WrittenCheckpoint> {
  const { folder, within, checkpoint, best, keptSnapshot } = given;
  const beganMs = performance.now();
  const files = new GuardedFolder(within);
  await files.makeFolder(folder);
  if (best) await files.saveBytes(join(folder, TRAINING_FILES.best), best);
  await files.removeFile(join(folder, TRAINING_FILES.keptAs));
  await files.saveBytes(join(folder, TRAINING_FILES.last), checkpoint);
  // Only the first checkpoint of a run names a snapshot to keep.
  if (keptSnapshot !== undefined) {
    await removeSnapshots({ trainingFolder: folder, files }, keptSnapshot ?? undefined);
    await removeAllLeftTemporaries(files, folder);
  }
  return { milliseconds: performance.now() - beganMs, bytes: checkpoint.length + (best?.length ?? 0) };
}
