import { stat } from 'node:fs/promises';
import { listCohort } from '../cohort/cases/cohort-folder.ts';
import type { ImageIdentity } from '../volumes/image-file.ts';

/**
 * Finds by its content where in a cohort an image is now; it is null if it is nowhere. Only files of its size are read,
 * and first those that have no labels, because an image that was just renamed has none under its new name.
 *
 * @param fingerprintOf see `volumeFingerprint`; images are large, so it must not run on a thread that has to answer
 * @throws CohortDescriptionError, CohortFolderError, FileAccessError
 */
export async function findImage(
  root: string,
  { fingerprint, sizeBytes }: ImageIdentity,
  fingerprintOf: (path: string) => Promise<string>,
): Promise<string | null> {
  const { layout } = await listCohort(root);
  const likelyFirst = [...layout.cases].sort((a, b) => Number(a.labelled) - Number(b.labelled));
  for (const path of new Set(likelyFirst.flatMap(({ files }) => files.channels))) {
    if ((await stat(path).catch(() => null))?.size !== sizeBytes) continue;
    if ((await fingerprintOf(path).catch(() => null)) === fingerprint) return path;
  }
  return null;
}
