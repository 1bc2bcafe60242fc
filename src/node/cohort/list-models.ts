import { type ListedVersion, listVersions } from '../../core/cohort/records/model-list.ts';
import { newAbout } from '../../core/cohort/records/model-records.ts';
import type { ModelVersions } from './model-versions.ts';

export interface ModelListing {
  /** Newest first. */
  readonly versions: readonly ListedVersion[];
  /** Versions whose card cannot be read, and why. */
  readonly damaged: readonly { readonly version: number; readonly reason: string }[];
}

/**
 * The finished versions of a cohort. One that is damaged hides no other; where the pointer is, none is active.
 * @param warn told of what is not worth a version: a name or note that cannot be read
 */
export async function listModels(
  models: ModelVersions,
  warn: (sentence: string, error: unknown) => void,
): Promise<ModelListing> {
  const active = await models.active().catch(() => null);
  const damaged: { version: number; reason: string }[] = [];
  const read = await Promise.all(
    (await models.list()).map(async (version) => {
      try {
        const card = await models.card(version);
        const about = await models.about(version).catch((error: unknown) => {
          warn(`The name and note of model ${version} could not be read:`, error);
          return newAbout('', '');
        });
        return [{ card, about }];
      } catch (error) {
        damaged.push({ version, reason: error instanceof Error ? error.message : String(error) });
        return [];
      }
    }),
  );
  return { versions: listVersions(read.flat(), active), damaged: damaged.sort((a, b) => b.version - a.version) };
}
