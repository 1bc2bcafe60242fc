import { fourthDimension, groupChannels } from '../names/channel-groups.ts';
import { endingOf, isVolumeName, stemInLabelFolder, stemOf } from '../names/file-names.ts';
import { byFolder, byStem, folderOf, nameOf } from '../names/listing-paths.ts';
import { type ReviewerLabels, splitReviewerFolder } from '../names/reviewer-files.ts';
import { type CohortCase, type CohortLayout, inOrder } from './cohort-layout.ts';
import { type DatasetDescription, declaredChannels, expectedChannels } from './dataset-json.ts';
import { doubleSentences } from './read-only-formats.ts';

/** True where `files` (relative to a folder, with `/`) make that folder an MSD / nnU-Net cohort. */
export function isMsdListing(files: readonly string[]): boolean {
  const hasImages = files.some((path) => path.startsWith('imagesTr/') && isVolumeName(nameOf(path)));
  return hasImages && files.some((path) => path === 'dataset.json' || path.startsWith('labelsTr/'));
}

export function msdLayout(images: readonly string[], dataset: DatasetDescription | null): CohortLayout {
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
    const { used: inLabels, doubles } = labelsByStem(
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
      const unused = doubles.filter(([, used]) => used === labels).map(([path]) => path);
      // A test case may bear the name of a training case.
      const id = cases.has(stem) ? `${stem}__${imageFolder}` : stem;
      cases.set(id, {
        files: {
          id,
          channels,
          timeIndex: 0,
          labels: labels ?? `${labelFolder}/${stem}${ending}`,
          ...(unused.length > 0 && { unusedLabels: unused }),
        },
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

/**
 * Finds the label maps of a folder by the stem of their image. A segmentation (`x.seg.nrrd`) gives way to a file that is
 * called as the image, because that is what labels are saved as.
 */
function labelsByStem(
  paths: readonly string[],
  warnings: string[],
): { readonly used: ReadonlyMap<string, string>; readonly doubles: readonly [string, string][] } {
  const isSegmentation = (path: string) => stemInLabelFolder(nameOf(path)) !== stemOf(nameOf(path));
  const used = byStem(
    paths.filter((path) => !isSegmentation(path)),
    warnings,
  );
  const doubles: [string, string][] = [];
  for (const path of paths.filter(isSegmentation)) {
    const stem = stemInLabelFolder(nameOf(path));
    const other = used.get(stem);
    if (other === undefined) used.set(stem, path);
    else doubles.push([path, other]);
  }
  warnings.push(...doubleSentences(doubles));
  return { used, doubles };
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
    for (const [stem, labels] of labelsByStem(members, warnings).used) {
      found.set(stem, [...(found.get(stem) ?? []), { reviewer: split.reviewer, labels }]);
    }
  }
  return found;
}
