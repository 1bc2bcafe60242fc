import { splitLabelSuffix } from './file-names.ts';

/*
 * A second person's labels of a case lie beside the first person's and say whose they are:
 *
 * - side by side: `case_seg.<reviewer>.nii.gz` beside `case_seg.nii.gz`. A dot, because `_` would make `case_seg_anna` an
 *   image of its own, and `case_anna_seg` the labels of an image `case_anna`, in every program that pairs files by name;
 * - MSD, nnU-Net: a folder per reviewer, `labelsTr_<reviewer>/case.nii.gz`, which those programs pass over.
 */

const MSD_FOLDER = /^labelsT([rs])_([^/.][^/]*)$/;
const MAX_NAME_LENGTH = 40;

/** One person's label map of a case, beside the one that trains. */
export interface ReviewerLabels {
  /** As the file or folder names them. */
  readonly reviewer: string;
  /** Relative to the cohort's root with `/`, or absolute: as the paths of the case. */
  readonly labels: string;
}

/** `x_seg.anna` -> image stem `x`, reviewer `anna`, rank of the label suffix. Null where the stem names no reviewer. */
export function splitReviewer(
  stem: string,
): { readonly imageStem: string; readonly rank: number; readonly reviewer: string } | null {
  const dot = stem.lastIndexOf('.');
  if (dot < 0 || dot === stem.length - 1) return null;
  const split = splitLabelSuffix(stem.slice(0, dot));
  return split && { ...split, reviewer: stem.slice(dot + 1) };
}

/** `labelsTr_anna` -> images in `imagesTr`, reviewer `anna`. Null for every other folder. */
export function splitReviewerFolder(
  folder: string,
): { readonly imageFolder: 'imagesTr' | 'imagesTs'; readonly reviewer: string } | null {
  const match = MSD_FOLDER.exec(folder);
  return match && { imageFolder: match[1] === 'r' ? 'imagesTr' : 'imagesTs', reviewer: match[2] };
}

/**
 * A person's name as it may stand in a file name on every system: lower case, accents dropped, everything but letters and
 * digits a hyphen. Empty where nothing is left ("***", a name in another script): ask for another one then.
 */
export function reviewerFileName(name: string): string {
  const plain = name
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-');
  return plain.slice(0, MAX_NAME_LENGTH).replaceAll(/^-+|-+$/g, '');
}

/**
 * Where a reviewer's label map of a case belongs.
 *
 * @param labels of the first person: `labelsTr/x.nii.gz`, `x_seg.nii.gz`, in any folder, with `/` or `\`
 * @param reviewer as `reviewerFileName` makes it
 * @param layout of the cohort (`LayoutName`)
 */
export function reviewerLabelsPath(labels: string, reviewer: string, layout: string): string {
  return layout === 'msd'
    ? labels.replace(/(labelsT[rs])([\\/][^\\/]+)$/, `$1_${reviewer}$2`)
    : labels.replace(/(\.nii(?:\.gz)?)$/i, `.${reviewer}$1`);
}
