import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { parseBidsPath } from '../../../core/cohort/files/names/bids-names.ts';
import { isFolder, isThere, namesIfThere } from '../../files/missing-file.ts';

/** A cohort keeps its state in the folder of this name. Looking at a cohort never creates it. */
export const STATE_FOLDER = '.voxel-loop';

/** Files that lie more folders deep than this no longer belong to the cohort. */
export const MAX_DEPTH = 4;

/** This many subjects are enough to tell whether a folder is BIDS. */
const MOST_SUBJECTS = 32;

/**
 * Finds the root of the cohort that `file` belongs to. It is the nearest folder above the file that has a `.voxel-loop`
 * or a `dataset.json`, or is an MSD / nnU-Net or a BIDS cohort. Otherwise it is the workspace folder that the file is
 * in (one folder per patient is a common layout), as long as listing that folder would find the file; else it is the
 * file's own folder.
 */
export async function findCohortRoot(file: string, workspaceFolder?: string): Promise<string> {
  const own = dirname(resolve(file));
  const boundary = workspaceFolder === undefined ? undefined : resolve(workspaceFolder);
  const inside = boundary !== undefined && (own === boundary || own.startsWith(boundary.replace(/[\\/]?$/, sep)));
  for (let folder = own; ; folder = dirname(folder)) {
    if (await isCohortRoot(folder)) return folder;
    if (inside && folder === boundary) {
      return relative(boundary, own).split(sep).length > MAX_DEPTH ? own : boundary;
    }
    if (folder === dirname(folder)) return own;
  }
}

/** Listing a folder and opening one file both use this test: if they disagreed, a case would have two names. */
export async function isCohortRoot(folder: string): Promise<boolean> {
  return (
    (await isFolder(join(folder, STATE_FOLDER))) ||
    (await isThere(join(folder, 'dataset.json'))) ||
    (await isMsdRoot(folder)) ||
    (await isBidsRoot(folder))
  );
}

/** Tells from the names in a folder whether it may be the root of a cohort, so that it has to be looked into. */
export function mayBeCohortRoot(names: ReadonlySet<string>): boolean {
  return [STATE_FOLDER, 'dataset.json', 'imagesTr'].some((name) => names.has(name)) || [...names].some(isBidsSubject);
}

/**
 * Tells whether a folder is a BIDS data set: it has folders of subjects, and either a description or a file that is
 * named as BIDS asks. What a program derived from a data set has both as well, but belongs to that data set.
 */
export async function isBidsRoot(folder: string): Promise<boolean> {
  if (basename(dirname(folder)) === 'derivatives') return false;
  const subjects = (await namesIfThere(folder)).filter(isBidsSubject);
  if (subjects.length === 0) return false;
  if (await isThere(join(folder, 'dataset_description.json'))) return true;
  const looks = await Promise.all(someOf(subjects).map((subject) => hasBidsFiles(folder, subject)));
  return looks.includes(true);
}

/**
 * Picks subjects from the whole range of names, and always the same ones of a folder, because listing it and opening
 * one file must agree. Without a limit, opening a file among thousands of folders that only look like subjects would
 * look into all of them.
 */
function someOf(subjects: readonly string[]): string[] {
  const sorted = [...subjects].sort();
  const count = Math.min(MOST_SUBJECTS, sorted.length);
  return Array.from({ length: count }, (_, index) => sorted[Math.floor((index * sorted.length) / count)]);
}

/** Tells whether a subject has a file at `sub-1/anat/sub-1_T1w.nii.gz` or `sub-1/ses-1/anat/sub-1_ses-1_T1w.nii.gz`. */
async function hasBidsFiles(root: string, subject: string): Promise<boolean> {
  const inside = (path: string) => namesIfThere(join(root, path));
  for (const name of (await inside(subject)).filter(mayHoldBidsFiles)) {
    const folder = `${subject}/${name}`;
    const isSession = name.startsWith('ses-');
    const dataTypes = isSession
      ? (await inside(folder)).filter(mayHoldBidsFiles).map((type) => `${folder}/${type}`)
      : [folder];
    for (const dataType of dataTypes) {
      if ((await inside(dataType)).some((file) => parseBidsPath(`${dataType}/${file}`) !== null)) return true;
    }
  }
  return false;
}

/**
 * Tells whether a name may be that of a session or of a kind of data; a subject's folder may hold thousands of files
 * instead.
 */
function mayHoldBidsFiles(name: string): boolean {
  return name.startsWith('ses-') || /^[a-z]+$/.test(name);
}

export async function isMsdRoot(folder: string): Promise<boolean> {
  if (!(await isFolder(join(folder, 'imagesTr')))) return false;
  return (await isFolder(join(folder, 'labelsTr'))) || (await isThere(join(folder, 'dataset.json')));
}

/** Tells whether there are BIDS subjects at all. Only a whole listing shows whether their labels follow BIDS too. */
export async function hasBidsSubjects(folder: string): Promise<boolean> {
  return (await namesIfThere(folder)).some(isBidsSubject);
}

function isBidsSubject(name: string): boolean {
  return /^sub-[a-zA-Z0-9]+$/.test(name);
}
