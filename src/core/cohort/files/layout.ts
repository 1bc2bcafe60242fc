import { type CohortMemory, EMPTY_MEMORY } from './cohort-memory.ts';
import { bidsLayout, isBidsLabelMap, isBidsListing } from './layouts/bids-layout.ts';
import type { CohortCase, CohortLayout, LayoutName } from './layouts/cohort-layout.ts';
import type { DatasetDescription } from './layouts/dataset-json.ts';
import { isMsdListing, msdLayout } from './layouts/msd-layout.ts';
import { numberStructures } from './layouts/number-structures.ts';
import { doubleSentences, inOneFormat, withDoubles, withWritableLabels } from './layouts/read-only-formats.ts';
import { sideBySideLayout } from './layouts/side-by-side-layout.ts';
import { exportedLabels, exportedSentences } from './names/exported-labels.ts';
import { isVolumeName, isWritableName, stemOf } from './names/file-names.ts';
import { compareNames, folderOf, nameOf } from './names/listing-paths.ts';

/**
 * Finds the cases among `files`.
 *
 * @param files every file below the root, relative, with `/`; others than NIfTI files are passed over
 * @param dataset the root's `dataset.json`, if there is one
 * @param recorded what the cohort was said to be before: one stray file must not turn BIDS into side by side, whose
 *   cases have other names
 * @param memory what else the cohort's record says of its files
 */
export function recogniseLayout(
  files: readonly string[],
  dataset: DatasetDescription | null,
  recorded?: LayoutName,
  memory: CohortMemory = EMPTY_MEMORY,
): CohortLayout {
  const { volumes, doubles } = inOneFormat(files.filter((path) => isVolumeName(nameOf(path))).sort(compareNames));
  const exported = exportedLabels(volumes);
  const images = exported.size > 0 ? volumes.filter((path) => !exported.has(path)) : volumes;
  const layout = layoutOfImages(images, files, dataset, recorded, memory);
  return {
    ...layout,
    cases: layout.cases.map((found) => withDoubles(withWritableLabels(found, layout.name), doubles)),
    unusedLabels: [...layout.unusedLabels, ...exported],
    warnings: [...layout.warnings, ...exportedSentences([...exported]), ...doubleSentences(doubles)],
  };
}

function layoutOfImages(
  images: readonly string[],
  files: readonly string[],
  dataset: DatasetDescription | null,
  recorded: LayoutName | undefined,
  memory: CohortMemory,
): CohortLayout {
  if (isMsdListing(files)) return msdLayout(images, dataset);
  const isBids = recorded === 'bids' || (recorded !== 'side-by-side' && isBidsListing(images));
  const layout = isBids ? bidsLayout(images, memory.labelFiles) : sideBySideLayout(images, dataset, memory);
  return { ...layout, ...numberStructures(layout.cases, valuesWithMeaning(dataset, memory)) };
}

/**
 * Says what values mean in the cohort: what its record says, else its `dataset.json`, which also names voxels that do
 * not count.
 */
function valuesWithMeaning(dataset: DatasetDescription | null, { labels }: CohortMemory): CohortMemory['labels'] {
  const ignored = dataset?.ignoreValue ?? null;
  const declared = [...(dataset?.labels ?? []), ...(ignored === null ? [] : [{ value: ignored, name: 'ignore' }])];
  return [...labels, ...declared.filter(({ value }) => !labels.some((known) => known.value === value))];
}

/** Says what a file that a user opened is in its cohort. */
export type OpenedFile =
  | { readonly kind: 'image'; readonly case: CohortCase }
  /**
   * It is a label map, and the case is the one of its image. Another reviewer's label map stands in place of the case's
   * own.
   */
  | { readonly kind: 'labels'; readonly case: CohortCase }
  /**
   * It is a label map whose image is not there: it can be looked at, but not annotated (else it would get a
   * `x_seg_seg`).
   */
  | { readonly kind: 'labels-without-image' };

/**
 * Finds the case that `path` belongs to, as an image, as one of its channels or as its label map.
 *
 * @param path a NIfTI file of the listing, relative to the root, with `/`
 * @param recorded as in `recogniseLayout`
 */
export function caseForFile(
  path: string,
  files: readonly string[],
  dataset: DatasetDescription | null,
  recorded?: LayoutName,
  memory: CohortMemory = EMPTY_MEMORY,
): OpenedFile {
  const layout = recogniseLayout(files, dataset, recorded, memory);
  const found = findFile(path, layout);
  if (found) return found;
  if (layout.name === 'bids' && isBidsLabelMap(path)) return { kind: 'labels-without-image' };
  const loose = looseFile(path, files);
  const cases = loose.cases.map((each) => withWritableLabels(each, loose.name));
  return findFile(path, { ...loose, cases }) ?? { kind: 'labels-without-image' };
}

function findFile(path: string, layout: CohortLayout): OpenedFile | undefined {
  // Images come first: where a label map is an image of its own too (a dataset of masks), it is opened as that image.
  const asImage = layout.cases.find((found) => found.files.channels.includes(path));
  if (asImage) return { kind: 'image', case: asImage };
  const asLabels = layout.cases.find(
    ({ labelled, files }) =>
      (labelled && files.labels === path) ||
      files.masks?.some((mask) => mask.path === path) ||
      // What was saved in our format since is shown to whoever opens what it was made from.
      (!isWritableName(nameOf(path)) && files.unusedLabels?.includes(path)),
  );
  if (asLabels) return { kind: 'labels', case: asLabels };
  for (const found of layout.cases) {
    const other = found.reviewers.find(({ labels }) => labels === path);
    if (other) {
      const { masks: _, ...files } = found.files;
      const ofOther = { ...found, files: { ...files, ...other }, labelled: true };
      return { kind: 'labels', case: withWritableLabels(ofOther, layout.name) };
    }
  }
  const isLabelMap = layout.labelsWithoutImage.includes(path) || layout.unusedLabels.includes(path);
  return isLabelMap ? { kind: 'labels-without-image' } : undefined;
}

/**
 * Makes a layout of one file that the layout left out (an MSD cohort's loose file, the `.nii` beside a `.nii.gz`), by
 * its own name.
 */
function looseFile(path: string, files: readonly string[]): CohortLayout {
  const stem = stemOf(path);
  const own = files.filter((other) => isVolumeName(nameOf(other)) && (other === path || stemOf(other) !== stem));
  return sideBySideLayout(own.filter((other) => folderOf(other) === folderOf(path)).sort(compareNames), null);
}
