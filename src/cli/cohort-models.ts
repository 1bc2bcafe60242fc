import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { STATE_FOLDER } from '../node/cohort-folder.ts';
import { CohortStore } from '../node/cohort-store.ts';
import { fileAccessError } from '../node/file-access-error.ts';
import { isThere } from '../node/missing-file.ts';
import { ModelVersions } from '../node/model-versions.ts';

/**
 * The model versions that a COHORT argument means: those in its `.voxel-loop`, or of the folder that `train --out` wrote.
 * @throws FileAccessError if there is no such folder
 */
export async function modelsOf(argument: string): Promise<ModelVersions> {
  const path = resolve(argument);
  await stat(path).catch((error: unknown) => {
    throw fileAccessError('read', path, error);
  });
  return (await isThere(join(path, STATE_FOLDER))) ? new CohortStore(path).models : new ModelVersions(path);
}
