import { VoxelLoopError } from '../../../core/errors.ts';
import { listCohort } from '../cases/cohort-folder.ts';
import type { LabelFilePair } from './agreement.ts';
import { labelFiles } from './evaluate-folders.ts';

/** No case was labelled by both people. */
export class NoPairsError extends VoxelLoopError {
  readonly code = 'no-pairs';
}

/**
 * Returns, by second reviewer, the cases of a cohort that both they and the first person have labelled.
 * @throws NoPairsError if no case has labels of two people; what listing a cohort throws
 */
export async function reviewerPairs(root: string): Promise<ReadonlyMap<string, readonly LabelFilePair[]>> {
  const { layout } = await listCohort(root);
  const pairs = new Map<string, LabelFilePair[]>();
  for (const { files, labelled, reviewers } of layout.cases) {
    if (!labelled) continue;
    for (const { reviewer, labels } of reviewers) {
      const pair = { id: files.id, first: files.labels, second: labels };
      pairs.set(reviewer, [...(pairs.get(reviewer) ?? []), pair]);
    }
  }
  if (pairs.size === 0) {
    throw new NoPairsError(
      'No case of this cohort has labels of two people: name a second file like case_seg.anna.nii.gz, or put it into labelsTr_anna.',
    );
  }
  return pairs;
}

/**
 * Pairs the label files of two folders by their names.
 * @param notes is given sentences about files that are passed over
 * @throws NoPairsError if there are none; FileAccessError
 */
export async function folderPairs(first: string, second: string, notes: string[]): Promise<readonly LabelFilePair[]> {
  const ours = await labelFiles(first, notes);
  const theirs = await labelFiles(second, notes);
  const pairs = [...ours].flatMap(([id, path]) => {
    const other = theirs.get(id);
    return other === undefined ? [] : [{ id, first: path, second: other }];
  });
  if (pairs.length === 0) {
    throw new NoPairsError(
      `No label map in ${first} (${ours.size} files) has the name of one in ${second} (${theirs.size} files): check the two folders.`,
    );
  }
  return pairs;
}
