import { stat } from 'node:fs/promises';
import { listCohort } from './cohort-folder.ts';
import { fileFingerprint } from './file-fingerprint.ts';
import type { ImageIdentity } from './image-file.ts';

/**
 * Where in a cohort an image is now, by what it holds; null: nowhere. Only files of its size are read.
 * @throws CohortDescriptionError, CohortFolderError, FileAccessError
 */
export async function findImage(root: string, { fingerprint, sizeBytes }: ImageIdentity): Promise<string | null> {
  const { layout } = await listCohort(root);
  for (const path of new Set(layout.cases.flatMap(({ files }) => files.channels))) {
    if ((await stat(path).catch(() => null))?.size !== sizeBytes) continue;
    if ((await fileFingerprint(path).catch(() => null)) === fingerprint) return path;
  }
  return null;
}
