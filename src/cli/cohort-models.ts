import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { ModelVersions } from '../node/cohort/models/model-versions.ts';
import { STATE_FOLDER } from '../node/cohort/state/cohort-root.ts';
import { CohortStore } from '../node/cohort/state/cohort-store.ts';
import { fileAccessError } from '../node/files/file-access-error.ts';
import { isThere } from '../node/files/missing-file.ts';

/**
 * The model versions that a COHORT argument means: those in its `.voxel-loop`, or those of a folder that `train --out`
 * wrote.
 * @throws FileAccessError if there is no such folder
 */
export async function modelsOf(argument: string): Promise<ModelVersions> {
  const path = resolve(argument);
  await stat(path).catch((error: unknown) => {
    throw fileAccessError('read', path, error);
  });
  return (await isThere(join(path, STATE_FOLDER))) ? new CohortStore(path).models : new ModelVersions(path);
}
