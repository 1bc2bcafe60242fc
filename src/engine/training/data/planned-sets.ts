import type { CohortCase } from '../../../core/cohort/files/layouts/cohort-layout.ts';
import { type LeftOutCase, leftOutSentences } from '../../../core/cohort/left-out.ts';
import { newSlicesOf, type TrainedData } from '../../../core/cohort/records/newly-accepted.ts';
import { waitingJudgesSentence } from '../../../core/cohort/records/waiting-judges.ts';
import type { Plan } from '../../../core/learn/plan/plan.ts';
import { chooseReviewAxis, slicingAxis } from '../../../core/learn/planes/slice-frame.ts';
import type { PlannedSet } from '../../../core/protocol/engine/plan-training.ts';
import type { CohortListing } from '../../../node/cohort/cases/cohort-folder.ts';
import { readVolumeHeader } from '../../../node/volumes/read-volume.ts';
import type { TrainableCase } from '../../inputs/find-cases.ts';
import { type ChosenSets, waitingJudges } from './choose-sets.ts';

/**
 * Counts what a set would hold.
 * @param trained what the active version has learned from; null where there is none
 * @param slicing how cases without a review axis are sliced; null to slice them as they would be reviewed
 */
export async function plannedSet(
  cases: readonly TrainableCase[],
  trained: TrainedData | null,
  slicing: Plan['slicing'] | null,
): Promise<PlannedSet> {
  const known = new Set([...(trained?.train ?? []), ...(trained?.tune ?? [])]);
  const planned = { cases: cases.length, slices: 0, newCases: 0, newSlices: 0 };
  for (const found of cases) {
    const { id } = found.files;
    const accepted = found.accepted ?? Array.from({ length: await slicesOf(found, slicing) }, () => true);
    planned.slices += accepted.filter(Boolean).length;
    planned.newSlices += newSlicesOf(id, accepted, trained);
    if (!known.has(id)) planned.newCases++;
  }
  return planned;
}

async function slicesOf({ files }: TrainableCase, slicing: Plan['slicing'] | null): Promise<number> {
  // The grid is the image's and not the label file's, which may hold a piece of the image only.
  const { grid } = await readVolumeHeader(files.channels[0]);
  return grid.shape[slicing ? slicingAxis(grid, slicing) : chooseReviewAxis(grid)];
}

/**
 * Says in sentences what of a cohort takes no part in training.
 *
 * @param split null where there is none, because nothing can be trained
 * @param leftOut cases that cannot be used
 */
export function sentencesOfOthers(
  listing: CohortListing,
  { cases, split }: { readonly cases: ChosenSets['cases']; readonly split: ChosenSets['split'] | null },
  leftOut: readonly LeftOutCase[],
): string[] {
  const { layout, declaredSplit } = listing;
  const waiting = split ? waitingJudges(listing, split) : [];
  const reserved = new Set(waiting);
  const trainable = layout.cases.filter(({ test }) => !test);
  // The first sentence tells of the cases that are reserved, so no other one counts them again.
  const told = (found: CohortCase) => reserved.has(found.files.id);
  const usable = new Set([...cases.map(({ files }) => files.id), ...leftOut.map(({ id }) => id)]);
  const toldUnaccepted = trainable.filter((found) => found.labelled && told(found) && !usable.has(found.files.id));
  const labelled = trainable.filter((found) => found.labelled).length;
  const inSets = split ? split.train.length + split.tune.length + split.holdout.length : cases.length;
  const sentence = (count: number, one: string, many: string) => (count === 0 ? [] : [count === 1 ? one : many]);
  const unlabelled = trainable.filter((found) => !found.labelled && !told(found)).length;
  const unaccepted = labelled - cases.length - leftOut.length - toldUnaccepted.length;
  const unlisted = cases.length - inSets - cases.filter(({ files }) => reserved.has(files.id)).length;
  const advice = waitingJudgesSentence(waiting);
  const tests = layout.cases.length - trainable.length;
  return [
    ...(advice === null ? [] : [advice]),
    ...leftOutSentences(leftOut),
    ...sentence(unlabelled, 'One image has no labels yet.', `${unlabelled} images have no labels yet.`),
    ...sentence(
      unaccepted,
      'One case has labels, but no slice of it is accepted.',
      `${unaccepted} cases have labels, but no slice of them is accepted.`,
    ),
    ...sentence(
      unlisted,
      declaredSplit
        ? 'One labelled case is in neither list of splits.json.'
        : 'One labelled case is held out and does not judge: some of its labels started from a proposal.',
      declaredSplit
        ? `${unlisted} labelled cases are in neither list of splits.json.`
        : `${unlisted} labelled cases are held out and do not judge: some of their labels started from proposals.`,
    ),
    ...sentence(tests, 'One case is a test case.', `${tests} cases are test cases.`),
  ];
}
