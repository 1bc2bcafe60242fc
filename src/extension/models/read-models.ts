import type { CohortStore } from '../../node/cohort/cohort-store.ts';
import { listModels, type ModelListing } from '../../node/cohort/list-models.ts';
import { log } from '../platform/log.ts';

/** The finished versions of a cohort, as `listModels`; what is not worth a version goes to the log. */
export function readModels({ models }: CohortStore): Promise<ModelListing> {
  return listModels(models, (sentence, error) => log().warn(sentence, error));
}
