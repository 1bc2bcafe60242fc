import { listModels, type ModelListing } from '../../node/cohort/models/list-models.ts';
import type { CohortStore } from '../../node/cohort/state/cohort-store.ts';
import { log } from '../platform/log.ts';

/** The finished versions of a cohort, as `listModels` gives them; its warnings go to the log. */
export function readModels({ models }: CohortStore): Promise<ModelListing> {
  return listModels(models, (sentence, error) => log().warn(sentence, error));
}
