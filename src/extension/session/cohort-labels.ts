import { join } from 'node:path';
import { parseDatasetJson } from '../../core/cohort/files/dataset-json.ts';
import { newCohortRecord } from '../../core/cohort/records/cohort-record.ts';
import { DEFAULT_LABEL_TABLE, type LabelTable, labelTableFrom, sameLabelTable } from '../../core/label/label-table.ts';
import { layoutOf } from '../../node/cohort-folder.ts';
import type { CohortStore } from '../../node/cohort-store.ts';
import { isMissing } from '../../node/missing-file.ts';
import { readTextFile } from '../../node/regular-file.ts';

/**
 * The labels of a cohort: what `cohort.json` says, else the names in its `dataset.json`, else one label to begin with.
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
 * Makes the names and colours of a case's labels those of the cohort, so that the next case has them too. Labels that
 * only other cases use stay as they are.
 * @throws RecordError, FileAccessError
 */
export async function shareLabelTable(store: CohortStore, table: LabelTable): Promise<void> {
  const known = await cohortLabelTable(store);
  const byValue = new Map(table.map((entry) => [entry.value, entry]));
  const added = table.filter(({ value }) => !known.some((entry) => entry.value === value));
  const shared = [...known.map((entry) => byValue.get(entry.value) ?? entry), ...added];
  if (sameLabelTable(known, shared)) return;
  const record = (await store.readRecord()) ?? newCohortRecord({ layout: await layoutOf(store.root), labels: [] });
  await store.writeRecord({ ...record, labels: shared });
}
