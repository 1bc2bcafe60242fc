import type { StructureMask } from '../case.ts';
import {
  BIDS_FOLDERS,
  type BidsFile,
  bidsLabelRank,
  isBidsLabelSuffix,
  parseBidsPath,
  sourceEntities,
} from '../names/bids-names.ts';
import { splitLabelSuffix, stemOf } from '../names/file-names.ts';
import type { ReviewerLabels } from '../names/reviewer-files.ts';
import type { CohortCase, CohortLayout } from './cohort-layout.ts';
import { severalLabelMaps } from './several-label-maps.ts';

/** New label maps go to this derivative dataset. */
export const OUR_PIPELINE = 'voxel-loop';

const LABEL_SUFFIX = 'dseg';

/** These spaces mean "on the grid of the image itself". Any other (a template, say) is another grid. */
const OWN_SPACES = new Set(['orig', 'individual', 'scanner', 'native']);

/**
 * Says whether `files` (relative to a folder, with `/`) make that folder a BIDS cohort: it has images under `sub-*`. It
 * is none where label maps lie beside such images under our own names (`sub-1_T1w_seg`): that folder was labelled side
 * by side.
 */
export function isBidsListing(files: readonly string[]): boolean {
  let found = false;
  for (const path of files) {
    if (path.startsWith('sub-') && splitLabelSuffix(stemOf(path))) return false;
    const file = parseBidsPath(path);
    found ||= file !== null && isRawImage(file) && BIDS_FOLDERS.includes(file.dataType);
  }
  return found;
}

function isRawImage({ pipeline, suffix }: BidsFile): boolean {
  return pipeline === null && !isBidsLabelSuffix(suffix);
}

/**
 * Says whether a path is that of a label map: of a derivative dataset, or of one that a person made and that lies
 * beside its image.
 */
export function isBidsLabelMap(path: string): boolean {
  const file = parseBidsPath(path);
  return file !== null && isBidsLabelSuffix(file.suffix);
}

/**
 * Finds the cases of a BIDS cohort. Every raw image of anatomy is a case, with the discrete segmentation (`_dseg`),
 * mask (`_mask`; those of single structures together) or label map by hand (`_seg-manual`) that a derivative dataset
 * has of it on its own grid. Our own derivative dataset is preferred, then the first by name; new label maps go to
 * ours.
 *
 * @param files NIfTI files below the root, relative, with `/`, in order
 * @param labelFiles which of them are known to be the label file of their case, because somebody drew on them: such a
 * file counts before what other programs derived, and is never read as the mask of one structure
 */
export function bidsLayout(files: readonly string[], labelFiles: ReadonlySet<string> = new Set()): CohortLayout {
  const warnings: string[] = [];
  const parsed = files.flatMap((path) => parseBidsPath(path) ?? []);
  const raw = parsed.filter(isRawImage);
  const images = withoutDoubles(
    raw.filter(({ dataType }) => BIDS_FOLDERS.includes(dataType)),
    warnings,
  );
  const others = new Set(raw.filter(({ dataType }) => !BIDS_FOLDERS.includes(dataType)).map((file) => file.dataType));
  if (others.size > 0) {
    warnings.push(`Images of ${[...others].sort().join(', ')} are left out: ${BIDS_FOLDERS.join(', ')} are annotated.`);
  }
  const labelMaps = parsed.filter(({ path }) => isBidsLabelMap(path));
  const bySource = groupBySource(images);
  const matched = matchLabels(bySource, labelMaps);
  const reviewers = reviewersByLabels(files);
  const cases = images.map((image): CohortCase => {
    const [chosen, ...rest] = [...(matched.get(image) ?? [])].sort(
      (a, b) => rankOfWork(a, labelFiles) - rankOfWork(b, labelFiles) || compareLabelMaps(a, b),
    );
    const masks = chosen && !labelFiles.has(chosen.path) ? masksOfSet(chosen, rest) : [];
    const isMask = new Set(masks.map(({ path }) => path));
    const unused = rest.flatMap(({ path }) => (isMask.has(path) ? [] : path));
    if (unused.length > 0) {
      const counts = masks.length > 0 ? [...isMask] : [chosen.path];
      warnings.push(severalLabelMaps(`Case ${image.stem}`, counts, unused));
    }
    const labels = masks.length === 0 && chosen ? chosen.path : newLabelPath(image, bySource);
    return {
      files: {
        id: image.stem,
        channels: [image.path],
        timeIndex: 0,
        labels,
        ...(masks.length > 0 && { masks }),
        ...(unused.length > 0 && { unusedLabels: unused }),
      },
      labelled: chosen !== undefined,
      test: false,
      reviewers: reviewers.get(stemOf(labels)) ?? [],
    };
  });
  const used = new Set([...matched.values()].flat());
  return {
    name: 'bids',
    cases: cases.sort((a, b) => (a.files.id < b.files.id ? -1 : 1)),
    labelsWithoutImage: labelMaps.filter((file) => !used.has(file)).map(({ path }) => path),
    unusedLabels: [],
    dataSets: [],
    structures: [],
    warnings,
  };
}

/**
 * Finds other people's label maps, `x_dseg.<reviewer>.nii.gz`, by the path of the label map that they lie beside,
 * without ending.
 */
function reviewersByLabels(files: readonly string[]): Map<string, ReviewerLabels[]> {
  const found = new Map<string, ReviewerLabels[]>();
  for (const path of files) {
    const match = /^(derivatives\/.+_dseg)\.([^./]+)$/.exec(stemOf(path));
    if (!match) continue;
    const [, labels, reviewer] = match;
    const others = (found.get(labels) ?? []).filter((other) => other.reviewer !== reviewer);
    found.set(labels, [...others, { reviewer, labels: path }]);
  }
  return found;
}

/** Groups images that differ in nothing but their contrast, in the order of `compareContrasts`. */
function groupBySource(images: readonly BidsFile[]): Map<string, BidsFile[]> {
  const groups = new Map<string, BidsFile[]>();
  for (const image of images) {
    const key = sourceKey(image);
    const group = groups.get(key);
    if (group) group.push(image);
    else groups.set(key, [image]);
  }
  for (const group of groups.values()) group.sort(compareContrasts);
  return groups;
}

/** Gives each label map to one image at most. */
function matchLabels(
  bySource: ReadonlyMap<string, readonly BidsFile[]>,
  labelMaps: readonly BidsFile[],
): Map<BidsFile, BidsFile[]> {
  const matched = new Map<BidsFile, BidsFile[]>();
  for (const labels of labelMaps) {
    const candidates = bySource.get(sourceKey(labels)) ?? [];
    const space = labels.entities.get('space');
    const said = [labels.contrast, space, labels.entities.get('desc')];
    const named = candidates.filter(({ suffix }) => said.includes(suffix));
    const isOnOwnGrid = space === undefined || OWN_SPACES.has(space) || named.length > 0;
    // A label map that is named after an image belongs to that image, or to none.
    const other = labels.contrast === undefined ? candidates[0] : undefined;
    const image = isOnOwnGrid ? (named[0] ?? other) : undefined;
    if (image) matched.set(image, [...(matched.get(image) ?? []), labels]);
  }
  return matched;
}

/**
 * Finds the masks that belong to `chosen`. A mask with the entity `label` shows that structure alone (`label-L_mask`,
 * `label-R_mask`): all masks of one set, which differ in nothing else, are the labels of their image together. The list
 * is empty where the label map is none of that kind, and is whole.
 */
function masksOfSet(chosen: BidsFile, rest: readonly BidsFile[]): StructureMask[] {
  const structures = new Map<string, StructureMask>();
  for (const file of [chosen, ...rest]) {
    const structure = structureOf(file);
    if (structure === null) {
      if (file === chosen) return [];
      continue;
    }
    // Where both `x.nii` and `x.nii.gz` are there, the compressed one is taken, as of images.
    if (setOf(file) === setOf(chosen)) structures.set(structure, { structure, value: 0, path: file.path });
  }
  return [...structures.values()].sort((a, b) => (a.structure < b.structure ? -1 : 1));
}

/** Names the structure of a mask: `L`, or with a hemisphere `L hippocampus`. */
function structureOf({ suffix, entities, pipeline }: BidsFile): string | null {
  const label = entities.get('label');
  if (suffix !== 'mask' || label === undefined || pipeline === OUR_PIPELINE) return null;
  const hemisphere = entities.get('hemi');
  return hemisphere === undefined ? label : `${hemisphere} ${label}`;
}

function setOf({ pipeline, folder, contrast, entities }: BidsFile): string {
  const others = [...entities].filter(([key]) => key !== 'label' && key !== 'hemi');
  return JSON.stringify([pipeline, folder, contrast, ...others]);
}

/** Joins subject, session, kind of data and entities. */
function sourceKey(file: BidsFile): string {
  return `${file.folder} ${sourceEntities(file)}`;
}

/**
 * Where several contrasts share their entities, a label map that names none belongs to the T1-weighted one, as
 * pipelines have it.
 */
function compareContrasts(a: BidsFile, b: BidsFile): number {
  const rank = ({ suffix }: BidsFile) => (suffix === 'T1w' ? 0 : 1);
  return rank(a) - rank(b) || (a.suffix < b.suffix ? -1 : 1);
}

/** Our own label file comes first, then one that somebody drew on. */
function rankOfWork({ pipeline, path }: BidsFile, labelFiles: ReadonlySet<string>): number {
  if (pipeline === OUR_PIPELINE) return 0;
  return labelFiles.has(path) ? 1 : 2;
}

function compareLabelMaps(a: BidsFile, b: BidsFile): number {
  const rank = (file: BidsFile) => {
    if (file.pipeline === OUR_PIPELINE) return -1;
    // Masks of structures say more than a mask of the brain.
    return bidsLabelRank(file.suffix) - (structureOf(file) === null ? 0 : 0.25);
  };
  return rank(a) - rank(b) || (a.path < b.path ? -1 : 1);
}

/**
 * Returns `derivatives/voxel-loop/sub-01/anat/sub-01_dseg.nii.gz`; the contrast is named where another image has the
 * same entities.
 */
function newLabelPath(image: BidsFile, bySource: ReadonlyMap<string, readonly BidsFile[]>): string {
  const entities = image.stem.slice(0, -image.suffix.length - 1);
  const contrast = bySource.get(sourceKey(image))?.[0] === image ? '' : `_desc-${image.suffix}`;
  return `derivatives/${OUR_PIPELINE}/${image.folder}/${entities}${contrast}_${LABEL_SUFFIX}.nii.gz`;
}

/** Where both `x.nii` and `x.nii.gz` are there, the compressed one is taken, because it comes last. */
function withoutDoubles(images: readonly BidsFile[], warnings: string[]): BidsFile[] {
  const byPlace = new Map<string, BidsFile>();
  for (const image of images) {
    const place = `${image.folder}/${image.stem}`;
    if (byPlace.has(place)) warnings.push(`${image.stem} is there as .nii and as .nii.gz; the .nii.gz is used.`);
    byPlace.set(place, image);
  }
  return [...byPlace.values()];
}
