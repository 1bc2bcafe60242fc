import { join } from 'node:path';
import { parseDatasetJson } from '../../../core/cohort/files/layouts/dataset-json.ts';
import { newCohortRecord } from '../../../core/cohort/records/cohort-record.ts';
import {
  DEFAULT_LABEL_TABLE,
  type LabelTable,
  labelTableFrom,
  sameLabelTable,
} from '../../../core/label/table/label-table.ts';
import { isMissing } from '../../files/missing-file.ts';
import { readTextFile } from '../../files/regular-file.ts';
import { layoutOf } from '../cases/cohort-folder.ts';
import type { CohortStore } from '../state/cohort-store.ts';

/**
 * Returns the labels of a cohort: those in `cohort.json`, else the names in its `dataset.json`, else one label to begin
 * with.
 * @throws RecordError, CohortDescriptionError
 */
export async function cohortLabelTable(store: CohortStore): Promise<LabelTable> {
  const record = await store.readRecord();
  if (record && record.labels.length > 0) return record.labels;
  try {
    const { labels } = parseDatasetJson(await readTextFile(join(store.root, 'dataset.json')));
    if (labels.length > 0) return labelTableFrom(labels);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  return DEFAULT_LABEL_TABLE;
}

/**
 * Makes `labels` the table of the cohort, so that the next case has them too.
 * @throws RecordError, FileAccessError
 */
export async function writeCohortLabels(store: CohortStore, labels: LabelTable): Promise<void> {
  if (sameLabelTable(await cohortLabelTable(store), labels)) return;
  await store.changeRecord(async (known) => {
    const record = known ?? newCohortRecord({ layout: await layoutOf(store.root), labels: [] });
    return { ...record, labels: [...labels] };
  });
}
