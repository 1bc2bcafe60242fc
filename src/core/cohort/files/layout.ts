import { bidsLayout, isBidsLabelMap, isBidsListing } from './bids-layout.ts';
import { groupChannels } from './channel-groups.ts';
import type { CohortCase, CohortLayout, LayoutName } from './cohort-layout.ts';
import { type DatasetDescription, declaredChannels } from './dataset-json.ts';
import {
  endingOf,
  endingRank,
  isVolumeName,
  isWritableName,
  labelNameFor,
  splitLabelName,
  stemOf,
  stemOfExported,
  writtenName,
} from './file-names.ts';
import { matchPatterns, type PatternCase, type PatternMatch } from './match-patterns.ts';
import { NAME_PATTERNS, type NamePattern } from './name-patterns.ts';
import { numberStructures } from './number-structures.ts';
import { type ReviewerLabels, splitReviewer, splitReviewerFolder } from './reviewer-files.ts';
import { severalLabelMaps } from './several-label-maps.ts';

/** What a cohort's record says of its files, beside its layout. */
export interface CohortMemory {
  /** Label names with their values. */
  readonly labels: readonly { readonly value: number; readonly name: string }[];
  /** The cohort names its files so, as a person has said; these patterns count before the known ones. */
  readonly patterns: readonly NamePattern[];
  /**
   * Label maps that somebody drew on, relative to the root. Each is the label file of its case, whatever its name says.
   */
  readonly labelFiles?: ReadonlySet<string>;
}

const NOTHING_KNOWN: CohortMemory = { labels: [], patterns: [] };

/** True where `files` (relative to a folder, with `/`) make that folder an MSD / nnU-Net cohort. */
export function isMsdListing(files: readonly string[]): boolean {
  const hasImages = files.some((path) => path.startsWith('imagesTr/') && isVolumeName(nameOf(path)));
  return hasImages && files.some((path) => path === 'dataset.json' || path.startsWith('labelsTr/'));
}

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
  memory: CohortMemory = NOTHING_KNOWN,
): CohortLayout {
  const { volumes, doubles } = inOneFormat(files.filter((path) => isVolumeName(nameOf(path))).sort(compareNames));
  const exported = exportedLabels(volumes);
  const images = exported.size > 0 ? volumes.filter((path) => !exported.has(path)) : volumes;
  const layout = layoutOfImages(images, files, dataset, recorded, memory);
  return {
    ...layout,
    cases: layout.cases.map((found) => withDoubles(withWritableLabels(found), doubles)),
    unusedLabels: [...layout.unusedLabels, ...exported],
    warnings: [...layout.warnings, ...exportedSentences([...exported]), ...doubleSentences(doubles)],
  };
}

/**
 * Takes one of several files that differ in their format alone: the one of the format that is written here, because it
 * was saved after the others were there.
 */
function inOneFormat(paths: readonly string[]): { volumes: readonly string[]; doubles: readonly [string, string][] } {
  if (paths.every((path) => isWritableName(nameOf(path)))) return { volumes: paths, doubles: [] };
  const taken = new Map<string, string>();
  for (const path of paths) {
    // A segmentation says by its ending that it is a label map, and is no double of its image.
    const stem = stemOf(writtenPath(path));
    const other = taken.get(stem);
    if (other === undefined || endingRank(path) < endingRank(other)) taken.set(stem, path);
  }
  const doubles: [string, string][] = [];
  const volumes = paths.filter((path) => {
    const used = taken.get(stemOf(writtenPath(path))) ?? path;
    if (used === path || isWritableName(nameOf(path))) return true;
    doubles.push([path, used]);
    return false;
  });
  return { volumes, doubles };
}

/** Writes a sentence about doubles; of very many it names one. */
function doubleSentences(doubles: readonly [string, string][]): string[] {
  if (doubles.length === 0) return [];
  const [[path, used]] = doubles;
  const more = doubles.length > 1 ? ` The same is true of ${doubles.length - 1} more.` : '';
  return [`${path} is not used, because ${nameOf(used)} lies beside it.${more}`];
}

/** A label map of a format that is only read is what the case's own label file starts from. */
function withWritableLabels(found: CohortCase): CohortCase {
  const { labels } = found.files;
  if (isWritableName(nameOf(labels))) return found;
  const files = { ...found.files, labels: writtenPath(labels) };
  const masks = [{ structure: '', value: 0, path: labels, isLabelMap: true } as const];
  return { ...found, files: found.labelled ? { ...files, masks } : files };
}

/** Label maps that give way to the case's own are told of where somebody looks at it. */
function withDoubles(found: CohortCase, doubles: readonly [string, string][]): CohortCase {
  const own = doubles.flatMap(([path, used]) => (used === found.files.labels ? [path] : []));
  if (own.length === 0) return found;
  return { ...found, files: { ...found.files, unusedLabels: [...(found.files.unusedLabels ?? []), ...own] } };
}

/** `labels/x.nrrd` -> `labels/x.nii.gz`; as it is where it may be written. */
function writtenPath(path: string): string {
  const folder = folderOf(path);
  return folder === '' ? writtenName(path) : `${folder}/${writtenName(nameOf(path))}`;
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
 * Finds label maps that somebody has exported from an image of the cohort. They may hold one slice of many, or what was
 * drawn on another image of that name: as the case's labels they would count as finished. A file with a label map
 * beside it is an image that is called so, because no label map has one.
 */
function exportedLabels(volumes: readonly string[]): ReadonlySet<string> {
  const named = volumes.filter((path) => stemOfExported(stemOf(nameOf(path))) !== null);
  if (named.length === 0) return new Set();
  const stems = new Set(volumes.map((path) => stemOf(nameOf(path))));
  const isLabelled = ownedBy(volumes);
  return new Set(named.filter((path) => stems.has(stemOfExported(stemOf(nameOf(path))) ?? '') && !isLabelled(path)));
}

/** An image may have such a name as well: who calls one so must learn why it is no case. */
function exportedSentences(paths: readonly string[]): string[] {
  if (paths.length === 0) return [];
  const [first] = paths;
  const image = stemOfExported(stemOf(nameOf(first)));
  const more = paths.length > 1 ? ` and ${paths.length - 1} more` : '';
  return [
    `${first}${more} ${paths.length > 1 ? 'are taken for exported label maps' : 'is taken for an exported label map'}, because there is an image called ${image}: rename the file if it is an image itself.`,
  ];
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
  memory: CohortMemory = NOTHING_KNOWN,
): OpenedFile {
  const layout = recogniseLayout(files, dataset, recorded, memory);
  const found = findFile(path, layout);
  if (found) return found;
  if (layout.name === 'bids' && isBidsLabelMap(path)) return { kind: 'labels-without-image' };
  const loose = looseFile(path, files);
  return findFile(path, { ...loose, cases: loose.cases.map(withWritableLabels) }) ?? { kind: 'labels-without-image' };
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
      return { kind: 'labels', case: withWritableLabels({ ...found, files: { ...files, ...other }, labelled: true }) };
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

function msdLayout(images: readonly string[], dataset: DatasetDescription | null): CohortLayout {
  const warnings: string[] = [];
  const cases = new Map<string, CohortCase>();
  const labelsWithoutImage: string[] = [];
  for (const [imageFolder, labelFolder, test] of [
    ['imagesTr', 'labelsTr', false],
    ['imagesVa', 'labelsVa', false],
    ['imagesTs', 'labelsTs', true],
  ] as const) {
    const inImages = byStem(
      images.filter((path) => folderOf(path) === imageFolder),
      warnings,
    );
    const inLabels = byStem(
      images.filter((path) => folderOf(path) === labelFolder),
      warnings,
    );
    const others = reviewersOfFolder(images, imageFolder, warnings);
    const declared = declaredChannels(dataset);
    const groups = groupChannels(
      [...inImages.keys()],
      new Set([...inLabels.keys(), ...others.keys()]),
      expectedChannels(dataset),
    );
    for (const [stem, stems] of groups) {
      const paths = stems.map((channel) => inImages.get(channel) as string);
      if (stems[0] !== stem && declared !== null && paths.length !== declared) {
        warnings.push(`Case ${stem} has ${paths.length} of the ${declared} channels that dataset.json names.`);
      }
      const channels = stems[0] === stem ? fourthDimension(paths[0], declared) : paths;
      const labels = inLabels.get(stem);
      const ending = dataset?.fileEnding ?? endingOf(paths[0]);
      // A test case may bear the name of a training case.
      const id = cases.has(stem) ? `${stem}__${imageFolder}` : stem;
      cases.set(id, {
        files: { id, channels, timeIndex: 0, labels: labels ?? `${labelFolder}/${stem}${ending}` },
        labelled: labels !== undefined,
        test,
        reviewers: others.get(stem) ?? [],
      });
    }
    for (const [stem, path] of inLabels) if (!groups.has(stem)) labelsWithoutImage.push(path);
    for (const [stem, found] of others) {
      if (!groups.has(stem)) labelsWithoutImage.push(...found.map(({ labels }) => labels));
    }
  }
  const none = { unusedLabels: [], dataSets: [], structures: [] };
  return { name: 'msd', cases: inOrder(cases), labelsWithoutImage, ...none, warnings };
}

/** Finds label maps of other reviewers by case stem: for `imagesTr` they lie in folders `labelsTr_<reviewer>`. */
function reviewersOfFolder(
  paths: readonly string[],
  imageFolder: string,
  warnings: string[],
): ReadonlyMap<string, readonly ReviewerLabels[]> {
  const found = new Map<string, ReviewerLabels[]>();
  for (const [folder, members] of byFolder(paths)) {
    const split = splitReviewerFolder(folder);
    if (split?.imageFolder !== imageFolder) continue;
    for (const [stem, labels] of byStem(members, warnings)) {
      found.set(stem, [...(found.get(stem) ?? []), { reviewer: split.reviewer, labels }]);
    }
  }
  return found;
}

function sideBySideLayout(
  images: readonly string[],
  dataset: DatasetDescription | null,
  memory: CohortMemory = NOTHING_KNOWN,
): CohortLayout {
  const warnings: string[] = [];
  const cases = new Map<string, CohortCase>();
  const named = matchPatterns(images, [...memory.patterns, ...NAME_PATTERNS], ownedBy(images));
  const unusedLabels = new Set([
    ...named.cases.flatMap((found) => found.unusedLabels),
    ...named.ambiguous.map(({ labels }) => labels),
  ]);
  const ofReviewers = reviewersBeside(named, images);
  const isOfReviewer = new Set([...ofReviewers.values()].flatMap((found) => found.map(({ labels }) => labels)));
  const labelsWithoutImage = named.labelsWithoutImage.filter((path) => !isOfReviewer.has(path));
  warnings.push(...passedOverSentences(named), ...ambiguousSentences(named));
  const byImage = new Map(named.cases.flatMap((found) => found.channels.map((path) => [path, found] as const)));
  const taken = new Set([
    ...named.cases.map(({ labels }) => labels ?? ''),
    ...named.labelsWithoutImage,
    ...unusedLabels,
    ...isOfReviewer,
    ...named.passedOver.map(({ path }) => path),
  ]);
  for (const { masks } of named.cases) for (const { path } of masks) taken.add(path);
  const left = images.filter((path) => !taken.has(path));
  for (const [folder, paths] of byFolder(left)) {
    const all = byStem(paths, warnings);
    const separated = separateLabels(all);
    const { labels, reviewers } = separated;
    const declared = declaredChannels(dataset);
    // Names that a data set gives in its own way are not grouped by numbers at their end.
    const stems = separated.stems.filter((stem) => !byImage.has(all.get(stem) as string));
    const groups = groupChannels(stems, new Set([...labels.keys(), ...reviewers.keys()]), expectedChannels(dataset));
    const patternOf = new Map<string, PatternCase>();
    for (const path of all.values()) {
      const found = byImage.get(path);
      // Channels may lie in several folders: the case is in the folder of the first.
      if (found?.channels[0] !== path) continue;
      const stem = found.name ?? stemOf(nameOf(path));
      patternOf.set(stem, found);
      groups.set(
        stem,
        found.channels.map((channel) => stemOf(nameOf(channel))),
      );
    }
    for (const [stem, channelStems] of groups) {
      const pattern = patternOf.get(stem);
      const paths = pattern ? [...pattern.channels] : channelStems.map((channel) => all.get(channel) as string);
      const id = caseId(folder, stem, pattern?.name != null);
      const own = labels.get(stem)?.[0];
      const found = own ?? pattern?.labels ?? undefined;
      const masks = found === undefined && pattern && pattern.masks.length > 0 ? pattern.masks : undefined;
      const others = [...(labels.get(stem) ?? []), ...(pattern?.labels ? [pattern.labels] : [])];
      const unused = [...others, ...(pattern?.unusedLabels ?? [])].filter((path) => path !== found);
      if (found !== undefined && unused.length > 0) warnings.push(severalLabelMaps(`Case ${id}`, [found], unused));
      for (const path of unused) unusedLabels.add(path);
      const fresh = folder === '' ? labelNameFor(stem) : `${folder}/${labelNameFor(stem)}`;
      cases.set(id, {
        files: {
          id,
          channels: channelStems[0] === stem && paths.length === 1 ? fourthDimension(paths[0], declared) : paths,
          timeIndex: 0,
          labels: found ?? fresh,
          ...(masks && { masks }),
          ...(found !== undefined && unused.length > 0 && { unusedLabels: unused }),
        },
        labelled: found !== undefined || masks !== undefined,
        test: false,
        reviewers: [...(reviewers.get(stem) ?? []), ...((found && ofReviewers.get(found)) || [])],
      });
    }
    for (const [stem, found] of reviewers) {
      if (!groups.has(stem)) labelsWithoutImage.push(...found.map(({ labels }) => labels));
    }
    for (const [stem, paths] of labels) {
      if (!groups.has(stem)) labelsWithoutImage.push(...paths);
    }
  }
  const dataSets = [...new Set(named.cases.map(({ dataSet }) => dataSet))].sort(compareNames);
  const found = { cases: inOrder(cases), structures: [], dataSets };
  return { name: 'side-by-side', ...found, labelsWithoutImage, unusedLabels: [...unusedLabels], warnings };
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

/**
 * Makes the case id of `patient1/ct` `patient1__ct`; a case of several channels in a folder of its own name is called
 * so once.
 */
function caseId(folder: string, stem: string, hasOwnName: boolean): string {
  const parts = folder.split('/').filter(Boolean);
  if (hasOwnName && parts.at(-1) === stem) parts.pop();
  return [...parts, stem].join('__');
}

/** Says whether an image has a label map beside it under one of our names. */
function ownedBy(images: readonly string[]): (path: string) => boolean {
  let owners: Set<string> | undefined;
  return (path) => {
    owners ??= new Set(images.flatMap((each) => splitLabelName(each)?.imageStem ?? []));
    return owners.has(stemOf(path));
  };
}

/**
 * Finds label maps of other people by the one that they lie beside, which has no ending of ours: `labels/a.anna` beside
 * `labels/a`. They are in order of name.
 */
function reviewersBeside({ cases }: PatternMatch, images: readonly string[]): Map<string, ReviewerLabels[]> {
  const found = new Map<string, ReviewerLabels[]>();
  const byStem = new Map(cases.flatMap(({ labels }) => (labels ? [[stemOf(labels), labels] as const] : [])));
  if (byStem.size === 0) return found;
  const taken = new Set(cases.flatMap(({ channels, labels }) => [...channels, labels ?? '']));
  for (const path of images) {
    const [, stem, reviewer] = /^(.+)\.([^./]+)$/.exec(stemOf(path)) ?? [];
    const labels = stem === undefined ? undefined : byStem.get(stem);
    if (labels === undefined || taken.has(path)) continue;
    const others = (found.get(labels) ?? []).filter((other) => other.reviewer !== reviewer);
    found.set(labels, [...others, { reviewer, labels: path }]);
  }
  return found;
}

/** A label map that may belong to several images belongs to none, and the user should know that. */
function ambiguousSentences({ ambiguous }: PatternMatch): string[] {
  if (ambiguous.length === 0) return [];
  const [{ labels, images }] = ambiguous;
  const more = ambiguous.length > 1 ? ` The same is true of ${ambiguous.length - 1} more.` : '';
  return [
    `${labels} may be the label map of ${images.join(' or of ')}, so it is of none: put it into the folder of its image.${more}`,
  ];
}

function passedOverSentences({ passedOver }: PatternMatch): string[] {
  return [...new Set(passedOver.map(({ dataSet }) => dataSet))].map((dataSet) => {
    const paths = passedOver.filter((each) => each.dataSet === dataSet).map(({ path }) => path);
    const more = paths.length > 1 ? ` and ${paths.length - 1} more` : '';
    return `${nameOf(paths[0])}${more} ${paths.length > 1 ? 'are' : 'is'} no case of ${dataSet}: its images are.`;
  });
}

/**
 * Tells label maps from images. A name with a label suffix is a label map; where its image is missing it stays one,
 * so that a file named `_seg` never gets a `_seg_seg`.
 */
function separateLabels(all: ReadonlyMap<string, string>): {
  readonly labels: ReadonlyMap<string, readonly string[]>;
  /** They are in order of name. */
  readonly reviewers: ReadonlyMap<string, readonly ReviewerLabels[]>;
  readonly stems: readonly string[];
} {
  const ranked = new Map<string, { path: string; rank: number }[]>();
  const others = new Map<string, (ReviewerLabels & { rank: number })[]>();
  const stems: string[] = [];
  for (const [stem, path] of all) {
    const split = splitLabelName(nameOf(path));
    const other = split ? null : splitReviewer(stem);
    if (split) {
      ranked.set(split.imageStem, [...(ranked.get(split.imageStem) ?? []), { path, rank: split.rank }]);
    } else if (other) {
      const { imageStem, reviewer, rank } = other;
      others.set(imageStem, [...(others.get(imageStem) ?? []), { reviewer, labels: path, rank }]);
    } else {
      stems.push(stem);
    }
  }
  const labels = new Map(
    [...ranked].map(([stem, found]) => [stem, found.sort((a, b) => a.rank - b.rank).map(({ path }) => path)]),
  );
  const reviewers = new Map(
    [...others].map(([stem, found]) => {
      const preferred = new Map<string, ReviewerLabels>();
      for (const { reviewer, labels } of found.sort((a, b) => b.rank - a.rank)) {
        preferred.set(reviewer, { reviewer, labels });
      }
      return [stem, [...preferred.values()].sort((a, b) => compareNames(a.reviewer, b.reviewer))];
    }),
  );
  return { labels, reviewers, stems };
}

/**
 * Returns how many channels speak for grouping files. A `dataset.json` that says nothing of channels stands for images
 * of one.
 */
function expectedChannels(dataset: DatasetDescription | null): number | null {
  return dataset && (declaredChannels(dataset) ?? 1);
}

/** Lists the channels of a case of one file: where several are declared, its fourth dimension holds them. */
function fourthDimension(path: string, declaredChannels: number | null): string[] {
  return Array<string>(declaredChannels ?? 1).fill(path);
}

/** Finds paths by stem; where both `x.nii` and `x.nii.gz` are there, the compressed one is taken. */
function byStem(paths: readonly string[], warnings: string[]): Map<string, string> {
  const result = new Map<string, string>();
  for (const path of paths) {
    const stem = stemOf(nameOf(path));
    if (result.has(stem)) warnings.push(`${stem} is there as .nii and as .nii.gz; the .nii.gz is used.`);
    result.set(stem, path);
  }
  return result;
}

function byFolder(paths: readonly string[]): Map<string, string[]> {
  const result = new Map<string, string[]>();
  for (const path of paths) {
    const folder = folderOf(path);
    const members = result.get(folder);
    if (members) members.push(path);
    else result.set(folder, [path]);
  }
  return result;
}

function inOrder(cases: ReadonlyMap<string, CohortCase>): CohortCase[] {
  return [...cases.values()].sort((a, b) => compareNames(a.files.id, b.files.id));
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

/** Compares by code unit, which is the same on every machine, whatever its language. */
function compareNames(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
