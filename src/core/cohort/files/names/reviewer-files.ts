import { endingOf, splitLabelSuffix, stemOf } from './file-names.ts';

/*
 * A second person's labels of a case lie beside the first person's and say whose they are:
 *
 * - side by side they are `case_seg.<reviewer>.nii.gz` beside `case_seg.nii.gz`. There is a dot, because `_` would make
 *   `case_seg_anna` an image of its own, and `case_anna_seg` the labels of an image `case_anna`, in every program that
 *   pairs files by name;
 * - in MSD and nnU-Net there is a folder per reviewer, `labelsTr_<reviewer>/case.nii.gz`, which those programs pass
 *   over.
 */

const MSD_FOLDER = /^labelsT([rs])_([^/.][^/]*)$/;
const MAX_NAME_LENGTH = 40;

/** One person's label map of a case, beside the one that trains. */
export interface ReviewerLabels {
  /** The reviewer's name as the file or folder has it. */
  readonly reviewer: string;
  /** The path is relative to the cohort's root with `/`, or absolute, as the paths of the case are. */
  readonly labels: string;
}

/**
 * Reads `x_seg.anna` as image stem `x`, reviewer `anna` and rank of the label suffix. It is null where the stem names
 * no reviewer.
 */
export function splitReviewer(
  stem: string,
): { readonly imageStem: string; readonly rank: number; readonly reviewer: string } | null {
  const dot = stem.lastIndexOf('.');
  if (dot < 0 || dot === stem.length - 1) return null;
  const split = splitLabelSuffix(stem.slice(0, dot));
  return split && { ...split, reviewer: stem.slice(dot + 1) };
}

/** Reads `labelsTr_anna` as images in `imagesTr`, reviewer `anna`. It is null for every other folder. */
export function splitReviewerFolder(
  folder: string,
): { readonly imageFolder: 'imagesTr' | 'imagesTs'; readonly reviewer: string } | null {
  const match = MSD_FOLDER.exec(folder);
  return match && { imageFolder: match[1] === 'r' ? 'imagesTr' : 'imagesTs', reviewer: match[2] };
}

/**
 * Writes a person's name as it may stand in a file name on every system: lower case, accents dropped, everything but
 * letters and digits a hyphen. It is empty where nothing is left ("***", a name in another script): ask for another one
 * then.
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
 * Says where a reviewer's label map of a case belongs.
 *
 * @param labels the first person's label map: `labelsTr/x.nii.gz`, `x_seg.nii.gz`, in any folder, with `/` or `\`
 * @param reviewer as `reviewerFileName` makes it
 * @param layout the layout of the cohort (`LayoutName`)
 */
export function reviewerLabelsPath(labels: string, reviewer: string, layout: string): string {
  return layout === 'msd'
    ? labels.replace(/(labelsT[rs])([\\/][^\\/]+)$/, `$1_${reviewer}$2`)
    : `${stemOf(labels)}.${reviewer}${endingOf(labels)}`;
}
