/**
 * This file knows the names of NIfTI files and what field conventions read out of them. Everything works on strings: no
 * file is looked at.
 */

const ENDING = /\.nii(\.gz)?$/i;
const CHANNEL = /^(.+)_(\d{4})$/;

/** Endings of label maps beside their image, in order of preference. We write `_seg`, as users of ITK-SNAP do. */
const LABEL_SUFFIXES = ['_seg', '_label', '_labels', '_mask'] as const;

/** `exportNameFor` puts this after the stem. */
const EXPORT_SUFFIX = '_export';

/** True for `x.nii` and `x.nii.gz`, in any case; false for dot files such as macOS's `._x.nii.gz`. */
export function isVolumeName(name: string): boolean {
  return ENDING.test(name) && !name.startsWith('.');
}

/** Turns `x.nii.gz` into `x`. A name without one of the two endings is left as it is. */
export function stemOf(name: string): string {
  return name.replace(ENDING, '');
}

/** Turns `x.nii.gz` into `.nii.gz`; the result is '' without one of the two endings. */
export function endingOf(name: string): string {
  return ENDING.exec(name)?.[0] ?? '';
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

/** Names a copy of a label map so that no cohort takes it for the labels of that image, or for an image. */
export function exportNameFor(imageStem: string): string {
  return `${splitLabelSuffix(imageStem)?.imageStem ?? imageStem}${EXPORT_SUFFIX}.nii.gz`;
}

/** Turns `x_export` into `x`. It is null where the stem is not that of an exported label map. */
export function stemOfExported(stem: string): string | null {
  return stem.endsWith(EXPORT_SUFFIX) && stem.length > EXPORT_SUFFIX.length
    ? stem.slice(0, -EXPORT_SUFFIX.length)
    : null;
}

/** Says where the label map of an image goes when there is none yet: that of `x` goes to `x_seg.nii.gz`. */
export function labelNameFor(imageStem: string): string {
  return `${imageStem}${LABEL_SUFFIXES[0]}.nii.gz`;
}
