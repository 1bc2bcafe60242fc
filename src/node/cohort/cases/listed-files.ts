import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { type DatasetDescription, parseDatasetJson } from '../../../core/cohort/files/layouts/dataset-json.ts';
import { splitReviewerFolder } from '../../../core/cohort/files/names/reviewer-files.ts';
import { VoxelLoopError } from '../../../core/errors.ts';
import { fileAccessError } from '../../files/file-access-error.ts';
import { withFileErrors } from '../../files/file-errors.ts';
import { isFolder, textIfThere } from '../../files/missing-file.ts';
import { isBidsRoot, isCohortRoot, MAX_DEPTH, mayBeCohortRoot, STATE_FOLDER } from '../state/cohort-root.ts';

/** The folder is no cohort: it does not exist, is no folder, or is far too large to be one. */
export class CohortFolderError extends VoxelLoopError {
  readonly code = 'cohort-folder';
}

/** The deepest BIDS folder is `derivatives/<pipeline>/sub-1/ses-1/anat`. */
const MAX_BIDS_DEPTH = 5;

/** TotalSegmentator has 145,000 files, because it has a mask per structure. */
const MAX_FILES = 300_000;

const MSD_FOLDERS = ['imagesTr', 'labelsTr', 'imagesVa', 'labelsVa', 'imagesTs', 'labelsTs'];

/** @param onlyFolders if given, only these folders (relative to the root) are listed, and none below them */
export async function listFiles(
  root: string,
  onlyFolders?: readonly string[],
): Promise<{ files: string[]; dataset: DatasetDescription | null }> {
  if (!(await isFolder(root))) throw new CohortFolderError(`There is no folder ${root}: check the path.`);
  const files: string[] = [];
  if (!onlyFolders) await collect(root, '', files, 0);
  for (const folder of onlyFolders ?? []) await collect(root, folder, files, MAX_BIDS_DEPTH);
  const datasetText = await firstText(root, ['dataset.json']);
  return { files, dataset: datasetText === null ? null : parseDatasetJson(datasetText) };
}

export async function firstText(folder: string, names: readonly string[]): Promise<string | null> {
  for (const name of names) {
    const text = await textIfThere(join(folder, name));
    if (text !== null) return text;
  }
  return null;
}

/**
 * Tells whether what lies in this folder can belong to the cohort: `listCohort` looks through it, or it holds the
 * cohort's state.
 * @param folder its path in the cohort's root
 */
export function isInCohort(folder: string): boolean {
  const names = folder.split(sep);
  if (names[0] === STATE_FOLDER) return true;
  return names.length <= MAX_BIDS_DEPTH && !names.some(isPassedOver);
}

async function collect(
  root: string,
  folder: string,
  files: string[],
  depth: number,
  maxDepth = MAX_DEPTH,
): Promise<void> {
  const path = join(root, folder);
  const entries = await withFileErrors('read', path, readdir(path, { withFileTypes: true }));
  const names = new Set(entries.map(({ name }) => name));
  // A cohort inside this folder is a cohort of its own.
  if (depth > 0 && folder !== '' && mayBeCohortRoot(names) && (await isCohortRoot(path))) return;
  const isMsd = depth === 0 && names.has('imagesTr') && (names.has('labelsTr') || names.has('dataset.json'));
  const deepest = depth === 0 && (await isBidsRoot(root)) ? MAX_BIDS_DEPTH : maxDepth;
  for (const entry of entries) {
    if (isPassedOver(entry.name)) continue;
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    // Only links are awaited: a cohort may have hundreds of thousands of files.
    const kind = entry.isSymbolicLink()
      ? await kindOfLink(join(root, path), depth === 0 && isLayoutFolder(entry.name))
      : kindOf(entry);
    if (kind === 'file') {
      files.push(path);
      if (files.length > MAX_FILES) {
        throw new CohortFolderError(`${root} holds more than ${MAX_FILES} files: choose the folder of one cohort.`);
      }
    }
    if (kind !== 'folder' || depth >= deepest || (isMsd && !isMsdFolder(entry.name))) continue;
    await collect(root, path, files, depth + 1, deepest);
  }
}

/** Tells whether label maps are looked for in a folder because of its name alone. */
function isLayoutFolder(name: string): boolean {
  return isMsdFolder(name) || name === 'derivatives';
}

function isMsdFolder(name: string): boolean {
  return MSD_FOLDERS.includes(name) || splitReviewerFolder(name) !== null;
}

function isPassedOver(name: string): boolean {
  return name.startsWith('.') || name === 'node_modules';
}

type Kind = 'file' | 'folder' | 'other';

/**
 * A link counts as what it points to, because cohorts are often put together from links. A link that leads nowhere (to
 * content that git-annex has not fetched, or to a disk that is not connected) counts as a file: a case or a label map
 * of that name is there, and whoever reads it says why it cannot be read.
 *
 * @throws FileAccessError if the link should be a folder of the layout: without its label maps a cohort would look
 * unlabelled
 */
async function kindOfLink(path: string, isLayoutFolder: boolean): Promise<Kind> {
  try {
    return kindOf(await stat(path));
  } catch (error) {
    if (isLayoutFolder) throw fileAccessError('read', path, error);
    return 'file';
  }
}

function kindOf(entry: Pick<Dirent, 'isFile' | 'isDirectory'>): Kind {
  return entry.isFile() ? 'file' : entry.isDirectory() ? 'folder' : 'other';
}
