import { isVolumeName, stemOf } from './file-names.ts';

/**
 * File names of the Brain Imaging Data Structure (BIDS 1.10): `sub-01_ses-2_acq-highres_T1w.nii.gz` is entities
 * (`key-value`, joined by `_`) and a suffix, below `sub-01/[ses-2/]anat/`. Pure strings: no file is looked at.
 */

/** Kinds of data whose images are annotated: those that hold one volume of anatomy per file. */
export const BIDS_FOLDERS: readonly string[] = ['anat', 'ct', 'pet', 'mr'];

/** Entities that only derivatives have: what is left of a label map's name without them is the name of its image. */
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
  /** By key, in the order of the name. */
  readonly entities: ReadonlyMap<string, string>;
  /** `T1w`, `dseg`; also `seg-manual`, as the Spinal Cord Toolbox calls label maps that a person made. */
  readonly suffix: string;
  /** Of a label map that is named after its image, whose contrast that is: `T2w` of `sub-01_T2w_seg-manual`. */
  readonly contrast?: string;
}

/** A BIDS image or label map where it lies. */
export interface BidsFile extends BidsName {
  /** Relative to the cohort, with `/`. */
  readonly path: string;
  /** Null: raw data. */
  readonly pipeline: string | null;
  /** `sub-01/ses-2/anat`. */
  readonly folder: string;
  /** `anat`. */
  readonly dataType: string;
}

const PLACE = /^(?:derivatives\/([^/]+)\/)?(sub-[a-zA-Z0-9]+(?:\/ses-[a-zA-Z0-9]+)?\/([a-z]+))\/([^/]+)$/;

/** Null where the name is none of BIDS. */
export function parseBidsName(name: string): BidsName | null {
  const stem = stemOf(name);
  const parts = stem.split('_');
  const suffix = parts.pop();
  if (!suffix || (suffix.includes('-') && !suffix.endsWith('-manual')) || !isVolumeName(name)) return null;
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

/** Suffixes of label maps, the most preferred first: a brain mask is the least that is meant by labels. */
const LABEL_SUFFIXES = ['dseg', 'seg-manual', 'seg', 'mask'];

/** True for the suffix of a label map: `dseg`, `seg`, `mask`, and whatever a person made (`lesion-manual`). */
export function isBidsLabelSuffix(suffix: string): boolean {
  return LABEL_SUFFIXES.includes(suffix) || suffix.endsWith('-manual');
}

/** Of several label maps of one image the one of the lowest rank is meant. */
export function bidsLabelRank(suffix: string): number {
  const rank = LABEL_SUFFIXES.indexOf(suffix);
  // `lesion-manual` and the like: before a mask.
  return rank < 0 ? LABEL_SUFFIXES.length - 1.5 : rank;
}

/** A file of the listing as BIDS has it; null: it lies elsewhere, or its name does not fit the folder that it lies in. */
export function parseBidsPath(path: string): BidsFile | null {
  const match = PLACE.exec(path);
  if (!match) return null;
  const [, pipeline = null, folder, dataType, name] = match;
  const parsed = parseBidsName(name);
  if (!parsed || !folder.startsWith(`sub-${parsed.entities.get('sub')}/`)) return null;
  return { ...parsed, path, pipeline, folder, dataType };
}

/** What a label map and its image have in common: entities without those of derivatives, in order of keys. */
export function sourceEntities({ entities }: BidsName): string {
  return [...entities]
    .filter(([key]) => !BIDS_DERIVED_ENTITIES.has(key))
    .map((entity) => entity.join('-'))
    .sort()
    .join('_');
}
