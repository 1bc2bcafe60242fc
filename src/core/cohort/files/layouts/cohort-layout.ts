import type { CaseFiles, Structure } from '../case.ts';
import { compareNames } from '../names/listing-paths.ts';
import type { ReviewerLabels } from '../names/reviewer-files.ts';

/**
 * How a cohort lies on disk.
 *
 * - `msd` (Medical Segmentation Decathlon, nnU-Net): `imagesTr/` and `labelsTr/`. Labels are named like the case;
 *   images are `case.nii.gz`, or `case_0000.nii.gz` per channel, or 4-D where `dataset.json` names several channels.
 *   `imagesTs/` holds test cases (labels in `labelsTs/`): they are predicted and may be annotated, but never train and
 *   never judge. `imagesVa/` (AMOS) holds the maker's validation cases: with labels in `labelsVa/` they judge (see
 *   `validationSplit`).
 * - `side-by-side`: everything else. `x.nii.gz` has its labels beside it: `x_seg`, else `x_label`, `x_labels`,
 *   `x_mask`; or they are named as a public data set names them (`NAME_PATTERNS`). Subfolders belong to the cohort;
 *   their names become part of the case id (`patient1/ct` -> `patient1__ct`).
 * - `bids`: raw images under `sub-*`, label maps in `derivatives/<pipeline>/` (see `bidsLayout`).
 *
 * Label maps of other people (see `reviewer-files.ts`) belong to their case and are neither cases nor what trains.
 */
export type LayoutName = 'msd' | 'side-by-side' | 'bids';

/** One case found in a cohort. All paths are relative to the cohort's root, with `/`. */
export interface CohortCase {
  readonly files: CaseFiles;
  /**
   * It is true when the label map is there, or masks are. Whether it is complete, only the case's record and its maker
   * know.
   */
  readonly labelled: boolean;
  /** The cohort's maker calls it a test case (`imagesTs`). */
  readonly test: boolean;
  /** Label maps of other people, in order of name. They are for comparison and never trained on. */
  readonly reviewers: readonly ReviewerLabels[];
}

export interface CohortLayout {
  readonly name: LayoutName;
  /** The cases are in order of id. */
  readonly cases: readonly CohortCase[];
  /** Label maps whose image is not there, relative to the root. */
  readonly labelsWithoutImage: readonly string[];
  /**
   * Label maps that do not count, because their case has a better one or nobody knows whose they are. Paths are
   * relative to the root.
   */
  readonly unusedLabels: readonly string[];
  /** Public data sets whose way of naming was recognised, in order of name. */
  readonly dataSets: readonly string[];
  /** The structures that masks are joined to, in order of value. The list is empty where there are no masks. */
  readonly structures: readonly Structure[];
  /** Sentences for the user: which files were left out and why. */
  readonly warnings: readonly string[];
}

export function inOrder(cases: ReadonlyMap<string, CohortCase>): CohortCase[] {
  return [...cases.values()].sort((a, b) => compareNames(a.files.id, b.files.id));
}
