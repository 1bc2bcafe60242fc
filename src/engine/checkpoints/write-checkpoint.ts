import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { saveBytesAtomically } from '../../node/atomic-save.ts';
import { withFileErrors } from '../../node/file-errors.ts';
import { removeOtherSnapshots } from '../training/training-snapshot.ts';
import type { CheckpointToWrite, WrittenCheckpoint } from './checkpoint-contract.ts';

/** Where the training stands. `CohortStore.checkpointPath` ends in it. */
const CHECKPOINT_FILE = 'last.checkpoint';
const BEST_FILE = 'best.onnx';

/** In the folder of a training that was stopped by hand: the version that was made of it. */
export const KEPT_AS_FILE = 'kept-as';

/** Runs on a thread of its own (`CheckpointThread`). @throws FileAccessError; the checkpoint before is then still there */
export async function writeCheckpoint(given: CheckpointToWrite): Promise<WrittenCheckpoint> {
  const { folder, checkpoint, best, keptSnapshot } = given;
  const beganMs = performance.now();
  await withFileErrors('write', folder, mkdir(folder, { recursive: true }));
  if (best) await saveBytesAtomically(join(folder, BEST_FILE), best);
  await rm(join(folder, KEPT_AS_FILE), { force: true });
  await saveBytesAtomically(join(folder, CHECKPOINT_FILE), checkpoint);
  if (keptSnapshot !== undefined) await removeOtherSnapshots({ trainingFolder: folder }, keptSnapshot ?? undefined);
  return { milliseconds: performance.now() - beganMs, bytes: checkpoint.length + (best?.length ?? 0) };
}
