import { type ListedVersion, listVersions } from '../../../core/cohort/records/model-list.ts';
import { newAbout } from '../../../core/cohort/records/model-records.ts';
import type { ModelVersions } from './model-versions.ts';

export interface ModelListing {
  /** The newest version comes first. */
  readonly versions: readonly ListedVersion[];
  /** The cards of these versions cannot be read, for the reason that is given. */
  readonly damaged: readonly { readonly version: number; readonly reason: string }[];
}

/**
 * Lists the finished versions of a cohort. A damaged one does not hide the others; where the pointer to the active one
 * is damaged, none counts as active.
 * @param warn receives what is not worth failing for: a name or note that cannot be read
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
