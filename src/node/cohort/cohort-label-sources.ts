import { dirname, join, relative } from 'node:path';
import { VoxelLoopError } from '../../core/errors.ts';
import { type LabelTable, labelTableFrom } from '../../core/label/label-table.ts';
import { namesIfThere } from '../files/missing-file.ts';
import type { CohortListing } from './cohort-folder.ts';
import type { CohortStore } from './cohort-store.ts';
import { readLabelTableFile } from './label-table-file.ts';

/** A label table, and the file that it is from (relative to the cohort). */
export interface FoundLabels {
  readonly labels: LabelTable;
  readonly source: string;
}

/**
 * The labels of a cohort from the files in it that name labels: `cohort.json`, `dataset.json`, a BIDS `dseg.tsv`, an
 * ITK-SNAP label description. The first that is there counts; where another one names a label otherwise, that is told.
 *
 * @param remark told, as a sentence, of files that name labels and cannot be read, or are not followed
 * @returns null: no file names any
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

/** Files that other programs describe labels in. */
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

/** Labels that two files name differently, one sentence each. */
function otherNames(counts: FoundLabels, other: FoundLabels): string[] {
  return other.labels.flatMap(({ value, name }) => {
    const kept = counts.labels.find((entry) => entry.value === value);
    if (!kept || kept.name.toLowerCase() === name.toLowerCase()) return [];
    return `${other.source} names label ${value} "${name}", and ${counts.source} "${kept.name}": the latter counts.`;
  });
}
