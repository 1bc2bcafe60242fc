import { basename, dirname, join } from 'node:path';
import { parseDatasetJson } from '../../../core/cohort/files/layouts/dataset-json.ts';
import { splitReviewerFolder } from '../../../core/cohort/files/names/reviewer-files.ts';
import { VoxelLoopError } from '../../../core/errors.ts';
import type { LabelTable } from '../../../core/label/table/label-table.ts';
import { isMissing } from '../../files/missing-file.ts';
import { readTextFile } from '../../files/regular-file.ts';

/** A second reviewer's files give a value another meaning than it has here. */
export class ReviewerNamesError extends VoxelLoopError {
  readonly code = 'reviewer-names';
}

/**
 * Labels of two people are the same where their values are. Where the `dataset.json` in a reviewer's folder
 * (`labelsTr_<reviewer>/`) says what its values mean, they must mean the same as here.
 *
 * @param path a label file
 * @throws ReviewerNamesError; CohortDescriptionError if that dataset.json is wrong
 */
export async function checkReviewerNames(path: string, table: LabelTable): Promise<void> {
  const folder = dirname(path);
  const reviewer = splitReviewerFolder(basename(folder))?.reviewer;
  if (reviewer === undefined) return;
  let text: string;
  try {
    text = await readTextFile(join(folder, 'dataset.json'));
  } catch (error) {
    if (isMissing(error)) return;
    throw error;
  }
  for (const { value, name } of parseDatasetJson(text).labels) {
    const known = table.find((entry) => entry.value === value);
    const isNamed = known && known.name !== `label ${value}`;
    if (isNamed && known.name.toLowerCase() !== name.trim().toLowerCase()) {
      throw new ReviewerNamesError(
        `The dataset.json of ${reviewer} calls label ${value} "${name}", and here it is "${known.name}": give the same thing the same value in both, then compare.`,
      );
    }
  }
}
