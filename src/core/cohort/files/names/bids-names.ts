import { isWritableName, stemOf } from './file-names.ts';

/**
 * File names of the Brain Imaging Data Structure (BIDS 1.10): `sub-01_ses-2_acq-highres_T1w.nii.gz` is entities
 * (`key-value`, joined by `_`) and a suffix, below `sub-01/[ses-2/]anat/`. Everything here works on strings: no file is
 * looked at.
 */

/** Images of these kinds of data are annotated: they hold one volume of anatomy per file. */
export const BIDS_FOLDERS: readonly string[] = ['anat', 'ct', 'pet', 'mr'];

/** Only derivatives have these entities. A label map's name without them is the name of its image. */
export const BIDS_DERIVED_ENTITIES: ReadonlySet<string> = new Set([
  'space',
  'atlas',
  'seg',
  'scale',
  'res',
  'den',
  'label',
  'desc',
  'hemi',
]);

export interface BidsName {
  /** The whole name without its ending. */
  readonly stem: string;
  /** The entities by key, in the order of the name. */
  readonly entities: ReadonlyMap<string, string>;
  /** The suffix is `T1w`, `dseg`; also `seg-manual`, as the Spinal Cord Toolbox calls label maps that a person made. */
  readonly suffix: string;
  /** Where a label map is named after its image, this is the image's contrast: `T2w` of `sub-01_T2w_seg-manual`. */
  readonly contrast?: string;
}

/** A BIDS image or label map where it lies. */
export interface BidsFile extends BidsName {
  /** The path is relative to the cohort, with `/`. */
  readonly path: string;
  /** It is null for raw data. */
  readonly pipeline: string | null;
  /** The folder, such as `sub-01/ses-2/anat`. */
  readonly folder: string;
  /** The kind of data, such as `anat`. */
  readonly dataType: string;
}

const PLACE = /^(?:derivatives\/([^/]+)\/)?(sub-[a-zA-Z0-9]+(?:\/ses-[a-zA-Z0-9]+)?\/([a-z]+))\/([^/]+)$/;

/** Reads a name. The result is null where the name does not follow BIDS. */
export function parseBidsName(name: string): BidsName | null {
  const stem = stemOf(name);
  const parts = stem.split('_');
  const suffix = parts.pop();
  // BIDS knows no format but NIfTI, which is also ours.
  if (!suffix || (suffix.includes('-') && !suffix.endsWith('-manual')) || !isWritableName(name)) return null;
  const entities = new Map<string, string>();
  let contrast: string | undefined;
  for (const part of parts) {
    const at = part.indexOf('-');
    if (at < 0 && contrast === undefined && isBidsLabelSuffix(suffix)) contrast = part;
    else if (at < 1 || at === part.length - 1) return null;
    else entities.set(part.slice(0, at), part.slice(at + 1));
  }
  return entities.has('sub') ? { stem, entities, suffix, ...(contrast && { contrast }) } : null;
}

/** Suffixes of label maps, the most preferred first: a brain mask is the last thing that is meant by labels. */
const LABEL_SUFFIXES = ['dseg', 'seg-manual', 'seg', 'mask'];

/**
 * Says whether a suffix is that of a label map: `dseg`, `seg`, `mask`, and whatever a person made (`lesion-manual`).
 */
export function isBidsLabelSuffix(suffix: string): boolean {
  return LABEL_SUFFIXES.includes(suffix) || suffix.endsWith('-manual');
}

/** Ranks the label maps of one image: the one of the lowest rank is meant. */
export function bidsLabelRank(suffix: string): number {
  const rank = LABEL_SUFFIXES.indexOf(suffix);
  // `lesion-manual` and the like come before a mask.
  return rank < 0 ? LABEL_SUFFIXES.length - 1.5 : rank;
}

/**
 * Reads a path of the listing as BIDS has it. It is null where the file lies elsewhere, or its name does not fit the
 * folder that it lies in.
 */
export function parseBidsPath(path: string): BidsFile | null {
  const match = PLACE.exec(path);
  if (!match) return null;
  const [, pipeline = null, folder, dataType, name] = match;
  const parsed = parseBidsName(name);
  if (!parsed || !folder.startsWith(`sub-${parsed.entities.get('sub')}/`)) return null;
  return { ...parsed, path, pipeline, folder, dataType };
}

/**
 * Returns what a label map and its image have in common: the entities without those of derivatives, in order of keys.
 */
export function sourceEntities({ entities }: BidsName): string {
  return [...entities]
    .filter(([key]) => !BIDS_DERIVED_ENTITIES.has(key))
    .map((entity) => entity.join('-'))
    .sort()
    .join('_');
}
