import { basename, dirname, join, relative, sep } from 'node:path';
import type { CohortCase } from '../../../core/cohort/files/layouts/cohort-layout.ts';
import { endingOf, splitChannel, stemOf } from '../../../core/cohort/files/names/file-names.ts';
import { NAME_PATTERNS } from '../../../core/cohort/files/names/name-patterns.ts';
import { labelsInStepWith } from '../../../core/cohort/files/names/renamed-labels.ts';
import { reviewerLabelsPath } from '../../../core/cohort/files/names/reviewer-files.ts';
import { VoxelLoopError } from '../../../core/errors.ts';
import { findCase } from '../../cohort/cases/cohort-folder.ts';
import { namePatternsOf } from '../../cohort/state/cohort-memory-file.ts';
import { CaseNameTakenError, isAnythingThere, isOneFile } from './move-case.ts';

/** The labels of a case would not be found beside its new image, whatever their name. Nothing was moved. */
export class LabelsStayBehindError extends VoxelLoopError {
  readonly code = 'labels-stay-behind';

  /**
   * @param labels their path as people read it
   * @param image its new path as people read it
   * @param others the number of further images renamed with it whose labels stay too
   */
  constructor(
    readonly id: string,
    readonly labels: string,
    readonly image: string,
    others = 0,
  ) {
    const more = others === 0 ? '' : ` The same is true of ${others} more.`;
    super(
      `The labels and the review of ${id} were not renamed with its image: ${labels} would not be found as the labels of ${image}, because the names in this cohort say which labels belong to which image. They are still there under the old name, and they belong to the image again when you rename it back.${more}`,
    );
  }

  /** Makes one error of many. */
  withOthers(count: number): LabelsStayBehindError {
    return new LabelsStayBehindError(this.id, this.labels, this.image, count);
  }
}

/** The places of all that belongs to a case, now that its image has another name. */
export interface NewPlaces {
  readonly id: string;
  readonly labels: string;
  readonly reviewers: readonly { readonly reviewer: string; readonly from: string; readonly to: string }[];
}

/**
 * Finds names that keep a case whole: under these its label maps are found as those of the new image. Nothing is
 * changed.
 *
 * @param before the case under its old name, in the cohort at `rootBefore`
 * @param arrived what the image is under its new name, without what is still to follow it
 * @throws CaseNameTakenError, LabelsStayBehindError and what `findCase` throws
 */
export async function newPlacesOf(
  before: CohortCase,
  rootBefore: string,
  arrived: { readonly root: string; readonly case: CohortCase },
  workspaceFolder: string | undefined,
): Promise<NewPlaces> {
  const after = arrived.case;
  const [image] = after.files.channels;
  const rename = nameFor(before, after);
  const old = before.files.labels;
  const reviewersWith = (labels: string) =>
    before.reviewers.map(({ reviewer, labels: from }) => {
      return { reviewer, from, to: besideLabels(from, reviewer, old, labels) ?? rename(from, from) };
    });
  const stayBehind = (labels: string) =>
    new LabelsStayBehindError(before.files.id, listed(rootBefore, labels), listed(arrived.root, image));
  if (!(await isAnythingThere(old))) {
    const mask = before.files.masks?.[0].path;
    if (mask !== undefined && !after.labelled && (await isAnythingThere(mask))) {
      throw stayBehind(mask);
    }
    // There is nothing to move, or it has been moved already.
    return { id: after.files.id, labels: after.files.labels, reviewers: reviewersWith(after.files.labels) };
  }
  let taken: string | undefined;
  for (const labels of [...(await inStep(before, rootBefore, arrived)), rename(old, after.files.labels)]) {
    if (labels === image) continue;
    if ((await isAnythingThere(labels)) && !(await isOneFile(old, labels))) {
      taken ??= labels;
      continue;
    }
    const reviewers = reviewersWith(labels);
    const found = await findCase(image, workspaceFolder, [{ from: old, to: labels }, ...reviewers]);
    if (found.kind !== 'image' || !found.case.labelled || found.case.files.labels !== labels) continue;
    const theirs = new Set(found.case.reviewers.map((each) => each.labels));
    if (reviewers.every(({ to }) => theirs.has(to))) return { id: found.case.files.id, labels, reviewers };
  }
  if (taken !== undefined) throw new CaseNameTakenError(before.files.id, taken);
  throw stayBehind(old);
}

/** The names that the patterns of the cohort, or BIDS, ask for. */
async function inStep(
  before: CohortCase,
  rootBefore: string,
  { root, case: after }: { readonly root: string; readonly case: CohortCase },
): Promise<string[]> {
  const pair = {
    image: listed(rootBefore, before.files.channels[0]),
    labels: listed(rootBefore, before.files.labels),
  };
  const patterns = [...(await namePatternsOf(root)), ...NAME_PATTERNS];
  const names = labelsInStepWith(listed(root, after.files.channels[0]), pair, patterns);
  return names.map((name) => join(root, name));
}

/** The path as it stands in the listing of the cohort at `root`. */
function listed(root: string, path: string): string {
  return relative(root, path).split(sep).join('/');
}

/** The new path of a reviewer's file; it is null if that is not named after the label map of the case. */
function besideLabels(theirs: string, reviewer: string, old: string, labels: string): string | null {
  for (const layout of ['side-by-side', 'msd']) {
    if (stemOf(reviewerLabelsPath(old, reviewer, layout)) !== stemOf(theirs)) continue;
    return stemOf(reviewerLabelsPath(labels, reviewer, layout)) + endingOf(theirs);
  }
  return null;
}

/**
 * Names a file of the case after its new image, and keeps the rest: `a_mask.nii` of `a` becomes `b_mask.nii` of `b`.
 */
function nameFor(before: CohortCase, after: CohortCase): (path: string, otherwise: string) => string {
  const [oldImage, newImage] = [before.files.channels[0], after.files.channels[0]];
  const [oldStem, newStem] = [caseStem(before), caseStem(after)];
  return (path, otherwise) => {
    const folder = dirname(path) === dirname(oldImage) ? dirname(newImage) : dirname(otherwise);
    const name = basename(path);
    return join(folder, name.startsWith(oldStem) ? newStem + name.slice(oldStem.length) : name);
  };
}

/** The stem that the label maps of a case are named after. */
function caseStem({ files: { id, channels } }: CohortCase): string {
  const stem = stemOf(basename(channels[0]));
  return id.endsWith(stem) ? stem : (splitChannel(stem)?.caseStem ?? stem);
}
