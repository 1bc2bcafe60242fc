import { dirname, join, relative } from 'node:path';
import { VoxelLoopError } from '../../../core/errors.ts';
import { type LabelTable, labelTableFrom } from '../../../core/label/table/label-table.ts';
import { namesIfThere } from '../../files/missing-file.ts';
import type { CohortListing } from '../cases/cohort-folder.ts';
import type { CohortStore } from '../state/cohort-store.ts';
import { readLabelTableFile } from './label-table-file.ts';

/** A label table, and the file that it was read from (relative to the cohort). */
export interface FoundLabels {
  readonly labels: LabelTable;
  readonly source: string;
}

/**
 * Finds the labels of a cohort in the files that name them: `cohort.json`, `dataset.json`, a BIDS `dseg.tsv`, an
 * ITK-SNAP label description. The first one that exists counts; a later one that names a label differently is reported.
 *
 * @param remark receives a sentence about each file that names labels and cannot be read, or is not followed
 * @returns null if no file names any label
 * @throws RecordError if `cohort.json` is damaged; FileAccessError where a folder cannot be looked into
 */
export async function findCohortLabels(
  listing: CohortListing,
  store: CohortStore,
  remark: (sentence: string) => void,
): Promise<FoundLabels | null> {
  const record = await store.readRecord();
  const found: FoundLabels[] = [];
  if (record && record.labels.length > 1) found.push({ labels: record.labels, source: '.voxel-loop/cohort.json' });
  const { dataset } = listing;
  if (dataset && dataset.labels.length > 0) {
    found.push({ labels: labelTableFrom(dataset.labels), source: 'dataset.json' });
  }
  const { structures } = listing.layout;
  if (structures.length > 0) {
    const named = structures.map(({ value, structure }) => ({ value, name: structure }));
    found.push({ labels: labelTableFrom(named), source: 'the names of the masks' });
  }
  found.push(...(await describedLabels(listing, remark)));
  const [counts, ...others] = found;
  for (const other of others) for (const sentence of otherNames(counts, other)) remark(sentence);
  return counts ?? null;
}

/** Reads the files in which other programs describe labels. */
async function describedLabels(
  { root, layout }: CohortListing,
  remark: (sentence: string) => void,
): Promise<FoundLabels[]> {
  const labelled = layout.cases.find((found) => found.labelled);
  const pipelines = await namesIfThere(join(root, 'derivatives'));
  const folders = new Set([
    root,
    ...(labelled ? [dirname(labelled.files.labels)] : []),
    ...pipelines.map((name) => join(root, 'derivatives', name)),
  ]);
  const found: FoundLabels[] = [];
  for (const folder of folders) {
    for (const name of await namesIfThere(folder)) {
      try {
        const labels = await readLabelTableFile(join(folder, name));
        if (labels) found.push({ labels, source: relative(root, join(folder, name)) });
      } catch (error) {
        if (!(error instanceof VoxelLoopError)) throw error;
        remark(error.message);
      }
    }
  }
  return found;
}

/** Writes one sentence for each label that two files name differently. */
function otherNames(counts: FoundLabels, other: FoundLabels): string[] {
  return other.labels.flatMap(({ value, name }) => {
    const kept = counts.labels.find((entry) => entry.value === value);
    if (!kept || kept.name.toLowerCase() === name.toLowerCase()) return [];
    return `${other.source} names label ${value} "${name}", and ${counts.source} "${kept.name}": the latter counts.`;
  });
}
