import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { GuardedFolder } from '../../files/guarded-folder.ts';
import { isMissing } from '../../files/missing-file.ts';
import { parseTemporaryName } from '../../files/temporary-names.ts';

/** The part of `CohortStore` that is needed here. */
interface TrainingPlace {
  readonly trainingFolder: string;
  readonly files: GuardedFolder;
}

/** These are all files of a training: a file that is not named here is never removed with it. */
export const TRAINING_FILES = {
  /** The checkpoint from which the training is resumed. */
  last: 'last.checkpoint',
  /** The best weights so far, as a model that predicts. */
  best: 'best.onnx',
  /** The number of the version that was made of the training when it was stopped by hand. */
  keptAs: 'kept-as',
  /** The journal that the training writes of itself (`RunJournal`). */
  journal: 'run.jsonl',
} as const;

/** The snapshots of a run lie in a folder with such a name. */
export const SNAPSHOT_RUN = /^[0-9a-f]{8}$/;

export function snapshotsFolder({ trainingFolder }: Pick<TrainingPlace, 'trainingFolder'>): string {
  return join(trainingFolder, 'snapshot');
}

/**
 * Removes everything that trainings keep in their folder, and the folder if nothing else is in it.
 * @throws UnsafePathError, FileAccessError
 */
export async function removeTraining(store: TrainingPlace): Promise<void> {
  const { files, trainingFolder } = store;
  const ours: readonly string[] = Object.values(TRAINING_FILES);
  for (const name of await namesIn(trainingFolder)) {
    if (ours.includes(parseTemporaryName(name)?.target ?? name)) await files.removeFile(join(trainingFolder, name));
  }
  await removeSnapshots(store);
  await files.removeIfEmpty(trainingFolder);
}

/**
 * Removes the snapshots of runs. @param except the run whose snapshots stay. @throws UnsafePathError, FileAccessError
 */
export async function removeSnapshots(store: TrainingPlace, except?: string): Promise<void> {
  const folder = snapshotsFolder(store);
  for (const name of await namesIn(folder)) {
    if (SNAPSHOT_RUN.test(name) && name !== except) await store.files.removeFolder(join(folder, name));
  }
  await store.files.removeIfEmpty(folder);
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}
