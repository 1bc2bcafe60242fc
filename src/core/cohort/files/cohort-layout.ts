import type { CaseFiles, Structure } from './case.ts';
import type { ReviewerLabels } from './reviewer-files.ts';

/**
 * How a cohort lies on disk.
 *
 * - `msd` (Medical Segmentation Decathlon, nnU-Net): `imagesTr/` and `labelsTr/`, labels named like the case; images
 *   `case.nii.gz`, or `case_0000.nii.gz` per channel, or 4-D where `dataset.json` names several channels. `imagesTs/`
 *   holds test cases (labels in `labelsTs/`): they are predicted and may be annotated, but never train and never judge.
 *   `imagesVa/` (AMOS) holds the maker's validation cases: with labels in `labelsVa/` they judge (see `validationSplit`).
 * - `side-by-side`: everything else. `x.nii.gz` with its labels beside it: `x_seg`, else `x_label`, `x_labels`,
 *   `x_mask`; or as a public data set names them (`NAME_PATTERNS`). Subfolders belong to the cohort; their names become part of the case id (`patient1/ct` -> `patient1__ct`).
 * - `bids`: raw images under `sub-*`, label maps in `derivatives/<pipeline>/` (see `bidsLayout`).
 *
 * Label maps of other people (see `reviewer-files.ts`) belong to their case and are neither cases nor what trains.
 */
export type LayoutName = 'msd' | 'side-by-side' | 'bids';

/** One case found in a cohort. All paths are relative to the cohort's root, with `/`. */
export interface CohortCase {
  readonly files: CaseFiles;
  /** The label map is there, or masks are. Whether it is complete, only the case's record and its maker know. */
  readonly labelled: boolean;
  /** A test case of the cohort's maker (`imagesTs`). */
  readonly test: boolean;
  /** Label maps of other people, in order of name: to compare with, never trained on. */
  readonly reviewers: readonly ReviewerLabels[];
}

export interface CohortLayout {
  readonly name: LayoutName;
  /** In order of id. */
  readonly cases: readonly CohortCase[];
  /** Label maps whose image is not there, relative to the root. */
  readonly labelsWithoutImage: readonly string[];
  /** Label maps that do not count: of a case that has a better one, or of which nobody knows whose they are. Relative to the root. */
  readonly unusedLabels: readonly string[];
  /** Public data sets whose way of naming was recognised, in order of name. */
  readonly dataSets: readonly string[];
  /** Of masks per structure, in order of value: what they are joined to. Empty where there are none. */
  readonly structures: readonly Structure[];
  /** Sentences for the user: which files were left out and why. */
  readonly warnings: readonly string[];
}
