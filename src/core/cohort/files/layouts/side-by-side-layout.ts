import { type CohortMemory, EMPTY_MEMORY } from '../cohort-memory.ts';
import { fourthDimension, groupChannels } from '../names/channel-groups.ts';
import { labelNameFor, splitLabelName, stemOf } from '../names/file-names.ts';
import { byFolder, byStem, compareNames, nameOf } from '../names/listing-paths.ts';
import { NAME_PATTERNS } from '../names/name-patterns.ts';
import { ownedBy } from '../names/owned-images.ts';
import { type ReviewerLabels, splitReviewer } from '../names/reviewer-files.ts';
import { type CohortCase, type CohortLayout, inOrder } from './cohort-layout.ts';
import { type DatasetDescription, declaredChannels, expectedChannels } from './dataset-json.ts';
import { matchPatterns, type PatternCase, type PatternMatch } from './match-patterns.ts';
import { severalLabelMaps } from './several-label-maps.ts';

export function sideBySideLayout(
  images: readonly string[],
  dataset: DatasetDescription | null,
  memory: CohortMemory = EMPTY_MEMORY,
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
  const taken = new Set([...unusedLabels, ...isOfReviewer, ...noImages(named)]);
  const left = images.filter((path) => !taken.has(path));
  for (const [folder, paths] of byFolder(left)) {
    const all = byStem(paths, warnings);
    const separated = separateLabels(all);
    const { labels, reviewers } = separated;
    const { groups, patternOf } = groupsOf(all, separated, named, dataset);
    for (const [stem, channelStems] of groups) {
      const pattern = patternOf.get(stem);
      const paths = pattern ? [...pattern.channels] : channelStems.map((channel) => all.get(channel) as string);
      const id = caseId(folder, stem, pattern?.name != null);
      const { found, masks, unused } = labelsOf(labels.get(stem) ?? [], pattern);
      if (found !== undefined && unused.length > 0) warnings.push(severalLabelMaps(`Case ${id}`, [found], unused));
      for (const path of unused) unusedLabels.add(path);
      const fresh = folder === '' ? labelNameFor(stem) : `${folder}/${labelNameFor(stem)}`;
      cases.set(id, {
        files: {
          id,
          channels:
            channelStems[0] === stem && paths.length === 1
              ? fourthDimension(paths[0], declaredChannels(dataset))
              : paths,
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

/** Lists what the name patterns know to be no image. */
function noImages({ cases, labelsWithoutImage, passedOver }: PatternMatch): string[] {
  return [
    ...cases.flatMap(({ labels, masks }) => [...(labels === null ? [] : [labels]), ...masks.map(({ path }) => path)]),
    ...labelsWithoutImage,
    ...passedOver.map(({ path }) => path),
  ];
}

/**
 * Groups the images of one folder into cases: by the stem of the case, the stems of its channels. `patternOf` has the
 * cases that a name pattern knows, whose names are not grouped by numbers at their end.
 *
 * @param all the paths of the folder by stem
 */
function groupsOf(
  all: ReadonlyMap<string, string>,
  { stems, labels, reviewers }: SeparatedLabels,
  named: PatternMatch,
  dataset: DatasetDescription | null,
): { readonly groups: ReadonlyMap<string, readonly string[]>; readonly patternOf: ReadonlyMap<string, PatternCase> } {
  const byImage = new Map(named.cases.flatMap((found) => found.channels.map((path) => [path, found] as const)));
  const others = stems.filter((stem) => !byImage.has(all.get(stem) as string));
  const groups = groupChannels(others, new Set([...labels.keys(), ...reviewers.keys()]), expectedChannels(dataset));
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
  return { groups, patternOf };
}

/**
 * Chooses the label map of a case, or the masks that it has instead; `unused` are the label maps that do not count.
 *
 * @param own those with a label suffix, the preferred one first
 */
function labelsOf(own: readonly string[], pattern: PatternCase | undefined) {
  const found = own[0] ?? pattern?.labels ?? undefined;
  const masks = found === undefined && pattern && pattern.masks.length > 0 ? pattern.masks : undefined;
  const others = [...own, ...(pattern?.labels ? [pattern.labels] : []), ...(pattern?.unusedLabels ?? [])];
  return { found, masks, unused: others.filter((path) => path !== found) };
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

/** The files of one folder, by the stem of their image. */
interface SeparatedLabels {
  readonly labels: ReadonlyMap<string, readonly string[]>;
  /** They are in order of name. */
  readonly reviewers: ReadonlyMap<string, readonly ReviewerLabels[]>;
  /** The stems of the images. */
  readonly stems: readonly string[];
}

/**
 * Tells label maps from images. A name with a label suffix is a label map; where its image is missing it stays one,
 * so that a file named `_seg` never gets a `_seg_seg`.
 */
function separateLabels(all: ReadonlyMap<string, string>): SeparatedLabels {
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
