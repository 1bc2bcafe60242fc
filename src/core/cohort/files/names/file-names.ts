import { FORMATS, LABEL_ENDINGS, OWN_FORMAT } from '../../../formats/registry.ts';

/**
 * This file knows the names of volumes and what field conventions read out of them. Everything works on strings: no
 * file is looked at.
 */

/**
 * The endings of names, the more preferred first: of two files that differ in their ending alone, the first is taken.
 */
const ENDINGS = FORMATS.flatMap(({ endings }) => endings);
const ENDING = endsInOneOf(ENDINGS);
/** The usual endings of the files that headers name for their voxels. */
const DATA_ENDING = endsInOneOf(FORMATS.flatMap(({ dataEndings = [] }) => dataEndings));
/** The ending of what is written. */
const OWN_ENDING = endsInOneOf(OWN_FORMAT.endings);
/** A file that has no name yet is written with this ending. */
const WRITTEN_ENDING = OWN_FORMAT.endings[0];

function endsInOneOf(endings: readonly string[]): RegExp {
  const longestFirst = [...endings].sort((a, b) => b.length - a.length);
  return new RegExp(`(?:${longestFirst.map((ending) => ending.replaceAll('.', '\\.')).join('|')})$`, 'i');
}

const CHANNEL = /^(.+)_(\d{4})$/;

/** Endings of label maps beside their image, in order of preference. We write `_seg`, as users of ITK-SNAP do. */
const LABEL_SUFFIXES = ['_seg', '_label', '_labels', '_mask'] as const;

/** `exportNameFor` puts this after the stem. */
const EXPORT_SUFFIX = '_export';

/**
 * Says whether a name is that of a volume: `x.nii`, `x.nrrd` and so on, in any case. Dot files such as macOS's
 * `._x.nii.gz` are none.
 */
export function isVolumeName(name: string): boolean {
  return ENDING.test(name) && !name.startsWith('.');
}

/** Says whether a file of this name usually holds the voxels of a volume whose header lies beside it: `x.raw`. */
export function isVoxelDataName(name: string): boolean {
  return DATA_ENDING.test(name) && !name.startsWith('.');
}

/** Says whether a volume of this name may be written. All others are only read. */
export function isWritableName(name: string): boolean {
  return OWN_ENDING.test(name) && !name.startsWith('.');
}

/** Turns `x.nii.gz` into `x`. A name without the ending of a volume is left as it is. */
export function stemOf(name: string): string {
  return name.replace(ENDING, '');
}

/** Turns `x.nii.gz` into `.nii.gz`. It is '' without the ending of a volume. */
export function endingOf(name: string): string {
  return ENDING.exec(name)?.[0] ?? '';
}

/** Says which of two names that differ in their ending alone is taken: the one with the lower number. */
export function endingRank(name: string): number {
  return ENDINGS.indexOf(endingOf(name).toLowerCase());
}

/**
 * Returns the name of what is written for what `name` names: `x.nrrd` -> `x.nii.gz`, `x.seg.nrrd` -> `x_seg.nii.gz`,
 * `x.nii` as it is.
 */
export function writtenName(name: string): string {
  if (OWN_ENDING.test(name)) return name;
  const segmented = splitLabelEnding(name);
  return segmented === null ? stemOf(name) + WRITTEN_ENDING : labelNameFor(segmented);
}

/**
 * Reads nnU-Net's channel number: `case_0001` is case `case`, channel 1. It is null where the stem does not end in
 * `_dddd`.
 */
export function splitChannel(stem: string): { readonly caseStem: string; readonly channel: number } | null {
  const match = CHANNEL.exec(stem);
  return match ? { caseStem: match[1], channel: Number(match[2]) } : null;
}

/** Reads `x_seg` as stem `x`, rank 0 (the lower, the more preferred). It is null where the stem names no label map. */
export function splitLabelSuffix(stem: string): { readonly imageStem: string; readonly rank: number } | null {
  const lower = stem.toLowerCase();
  for (const [rank, suffix] of LABEL_SUFFIXES.entries()) {
    if (lower.endsWith(suffix) && stem.length > suffix.length) {
      return { imageStem: stem.slice(0, -suffix.length), rank };
    }
  }
  return null;
}

/**
 * Tells a label map from an image by its name, as `splitLabelSuffix` does, and by the endings of segmentations
 * (`x.seg.nrrd`).
 */
export function splitLabelName(name: string): { readonly imageStem: string; readonly rank: number } | null {
  const segmented = splitLabelEnding(name);
  return segmented === null ? splitLabelSuffix(stemOf(name)) : { imageStem: segmented, rank: LABEL_SUFFIXES.length };
}

/** Returns the name that a file in a folder of label maps has of its image: `x.nii.gz` and `x.seg.nrrd` are of `x`. */
export function stemInLabelFolder(name: string): string {
  return splitLabelEnding(name) ?? stemOf(name);
}

/** Turns `x.seg.nrrd` into `x`. It is null where the name has no such ending. */
function splitLabelEnding(name: string): string | null {
  const ending = LABEL_ENDINGS.find((each) => name.toLowerCase().endsWith(each) && name.length > each.length);
  return ending === undefined ? null : name.slice(0, -ending.length);
}

/** Names a copy of a label map so that no cohort takes it for the labels of that image, or for an image. */
export function exportNameFor(imageStem: string): string {
  return `${splitLabelSuffix(imageStem)?.imageStem ?? imageStem}${EXPORT_SUFFIX}${WRITTEN_ENDING}`;
}

/** Turns `x_export` into `x`. It is null where the stem is not that of an exported label map. */
export function stemOfExported(stem: string): string | null {
  return stem.endsWith(EXPORT_SUFFIX) && stem.length > EXPORT_SUFFIX.length
    ? stem.slice(0, -EXPORT_SUFFIX.length)
    : null;
}

/** Says where the label map of an image goes when there is none yet: that of `x` goes to `x_seg.nii.gz`. */
export function labelNameFor(imageStem: string): string {
  return `${imageStem}${LABEL_SUFFIXES[0]}${WRITTEN_ENDING}`;
}
