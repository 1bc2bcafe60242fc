import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { CaseFiles } from '../core/cohort/files/case.ts';
import { matchPatterns } from '../core/cohort/files/layouts/match-patterns.ts';
import { isMsdListing } from '../core/cohort/files/layouts/msd-layout.ts';
import { doubleSentences } from '../core/cohort/files/layouts/read-only-formats.ts';
import { groupChannels } from '../core/cohort/files/names/channel-groups.ts';
import { endingRank, isVolumeName, splitLabelName, stemOf } from '../core/cohort/files/names/file-names.ts';
import { NAME_PATTERNS } from '../core/cohort/files/names/name-patterns.ts';
import { VoxelLoopError } from '../core/errors.ts';
import { endingsInWords } from '../core/formats/registry.ts';
import { counted } from '../core/text/counted.ts';
import { listCohort } from '../node/cohort/cases/cohort-folder.ts';
import { namePatternsOf } from '../node/cohort/state/cohort-memory-file.ts';
import { fileAccessError } from '../node/files/file-access-error.ts';
import { withFileErrors } from '../node/files/file-errors.ts';
import { isMissing } from '../node/files/missing-file.ts';

/** The IMAGE arguments do not name images that can be predicted. */
export class ImageArgumentError extends VoxelLoopError {
  readonly code = 'image-argument';
}

/** What IMAGE arguments mean. */
interface FoundImages {
  /** In order of id. */
  readonly cases: readonly ImageCase[];
  /** Each sentence is about files that are passed over because another one of their name counts. */
  readonly notes: readonly string[];
}

/** One case to predict. */
export interface ImageCase extends Pick<CaseFiles, 'id' | 'channels' | 'timeIndex'> {
  /** The reason why the case cannot be predicted, if it is known already; it is a sentence for the user. */
  readonly problem?: string;
}

/**
 * Finds the cases that IMAGE arguments mean. A file is an image. A folder stands for all images in it
 * (without label maps beside their image, also those that public data sets name in their own way), or all cases of an
 * MSD / nnU-Net cohort, or else what lies in its `imagesTr`, `imagesVa` and `imagesTs`, or else the cases in the
 * folders below it.
 *
 * For a model of several channels, files are grouped by nnU-Net's numbers (`case_0000`, `case_0001`); a file without a
 * number is 4-D and holds the channels.
 *
 * @param channelCount the number of channels that the model takes
 * @throws ImageArgumentError, FileAccessError (for folders; a file that does not exist is a problem of its case),
 * CohortDescriptionError
 */
export async function findImages(images: readonly string[], channelCount: number): Promise<FoundImages> {
  const cases: ImageCase[] = [];
  const doubles: [string, string][] = [];
  const loose: string[] = [];
  for (const image of images) {
    const path = resolve(image);
    if (!(await isFolder(path))) loose.push(path);
    else if (await isMsdFolder(path)) cases.push(...(await listCohort(path)).layout.cases.map(({ files }) => files));
    else {
      const found = await imagesIn(path);
      loose.push(...found);
      if (found.length === 0) cases.push(...(await casesBelow(path)));
    }
  }
  cases.push(...grouped([...new Set(loose)], channelCount, doubles));
  cases.sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
  const twice = cases.find(({ id }, index) => cases[index + 1]?.id === id);
  if (twice) {
    throw new ImageArgumentError(
      `Two images are named ${twice.id}, and their predictions would be one file: predict them into different folders.`,
    );
  }
  return { cases, notes: doubleSentences(doubles) };
}

/** @param doubles is given each file that is passed over, with the one that counts */
function grouped(paths: readonly string[], channelCount: number, doubles: [string, string][]): ImageCase[] {
  const cases: ImageCase[] = [];
  for (const folder of new Set(paths.map((path) => dirname(path)))) {
    const inFolder = paths.filter((path) => dirname(path) === folder);
    const named = matchPatterns(
      inFolder.map((path) => basename(path)),
      NAME_PATTERNS,
    ).cases.filter(({ channels }) => channelCount > 1 && channels.length === channelCount);
    const taken = new Set<string>();
    for (const { name, channels } of named) {
      if (name === null) continue;
      for (const channel of channels) taken.add(channel);
      cases.push({ id: name, channels: channels.map((channel) => join(folder, channel)), timeIndex: 0 });
    }
    const single = inFolder.filter((path) => !taken.has(basename(path)));
    // If an image has files of two formats, the one that we write counts, because it comes last.
    single.sort((a, b) => endingRank(b) - endingRank(a));
    const byStem = new Map(single.map((path) => [stemOf(basename(path)), path]));
    for (const path of single) {
      const used = byStem.get(stemOf(basename(path))) ?? path;
      if (used !== path) doubles.push([path, used]);
    }
    for (const [id, stems] of groupChannels([...byStem.keys()], new Set(), channelCount)) {
      const files = stems.map((stem) => byStem.get(stem) as string);
      const channels = files.length === 1 ? Array<string>(channelCount).fill(files[0]) : files;
      const problem = `It has ${counted(files.length, 'channel')} and the model takes ${channelCount}: name all its files.`;
      cases.push({ id, channels, timeIndex: 0, ...(channels.length !== channelCount && { problem }) });
    }
  }
  return cases;
}

async function imagesIn(folder: string): Promise<string[]> {
  const within = [folder, join(folder, 'imagesTr'), join(folder, 'imagesVa'), join(folder, 'imagesTs')];
  const [direct, ...images] = await Promise.all(
    within.map(async (each) => ((await isFolder(each)) ? listImages(each) : [])),
  );
  return direct.length > 0 ? direct : images.flat();
}

/** @throws ImageArgumentError if there is none */
async function casesBelow(folder: string): Promise<ImageCase[]> {
  const { cases } = (await listCohort(folder)).layout;
  if (cases.length > 0) return cases.map(({ files }) => files);
  throw new ImageArgumentError(`There is no image (${endingsInWords()}) in ${folder}: check the path.`);
}

async function listImages(folder: string): Promise<string[]> {
  const names = (await withFileErrors('read', folder, readdir(folder))).filter(isVolumeName).sort();
  const stems = new Set(names.map(stemOf));
  const known = matchPatterns(names, [...(await namePatternsOf(folder)), ...NAME_PATTERNS]);
  const noImages = new Set([
    ...known.cases.map(({ labels }) => labels),
    ...known.labelsWithoutImage,
    ...known.passedOver.map(({ path }) => path),
  ]);
  const images = names.filter((name) => {
    if (noImages.has(name)) return false;
    const split = splitLabelName(name);
    return !split || !stems.has(split.imageStem);
  });
  return images.map((name) => join(folder, name));
}

async function isMsdFolder(path: string): Promise<boolean> {
  const names = await withFileErrors('read', path, readdir(path));
  const within = await Promise.all(
    ['imagesTr', 'labelsTr']
      .filter((name) => names.includes(name))
      .map(async (name) => (await readdir(join(path, name))).map((file) => `${name}/${file}`)),
  );
  return isMsdListing([...names, ...within.flat()]);
}

/** Tells whether there is a folder. Where nothing exists, whoever reads it will say so. @throws FileAccessError */
async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    if (isMissing(error)) return false;
    throw fileAccessError('read', path, error);
  }
}
