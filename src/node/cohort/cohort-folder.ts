import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import * as v from 'valibot';
import { parseBidsPath } from '../../core/cohort/files/bids-names.ts';
import type { CaseFiles } from '../../core/cohort/files/case.ts';
import type { CohortCase, CohortLayout, LayoutName } from '../../core/cohort/files/cohort-layout.ts';
import type { CohortMemory } from '../../core/cohort/files/cohort-memory.ts';
import {
  type DatasetDescription,
  type DeclaredSplit,
  parseDatasetJson,
  parseSplitsJson,
} from '../../core/cohort/files/dataset-json.ts';
import { caseForFile, type OpenedFile, recogniseLayout } from '../../core/cohort/files/layout.ts';
import { foldersToPair } from '../../core/cohort/files/match-patterns.ts';
import { NAME_PATTERNS, type NamePattern } from '../../core/cohort/files/name-patterns.ts';
import { splitReviewerFolder } from '../../core/cohort/files/reviewer-files.ts';
import { namePatterns } from '../../core/cohort/records/cohort-record.ts';
import { VoxelLoopError } from '../../core/errors.ts';
import { fileAccessError } from '../files/file-access-error.ts';
import { withFileErrors } from '../files/file-errors.ts';
import { isFolder, isThere, namesIfThere, textIfThere } from '../files/missing-file.ts';
import { findLabelFilesDrawnOn } from './label-files-drawn-on.ts';

/** A cohort keeps its state in the folder of this name. Looking at a cohort never creates it. */
export const STATE_FOLDER = '.voxel-loop';

/** The folder is no cohort: it does not exist, is no folder, or is far too large to be one. */
export class CohortFolderError extends VoxelLoopError {
  readonly code = 'cohort-folder';
}

/** A cohort as it lies on the disk. All paths in `layout` are absolute. */
export interface CohortListing {
  readonly root: string;
  readonly layout: CohortLayout;
  readonly dataset: DatasetDescription | null;
  readonly declaredSplit: DeclaredSplit | null;
}

/** Says what a file is in its cohort (as `caseForFile` does, with absolute paths) and where that cohort is. */
export type FileInCohort =
  | { readonly kind: 'image' | 'labels'; readonly root: string; readonly case: CohortCase }
  | { readonly kind: 'labels-without-image'; readonly root: string };

interface MovedFile {
  readonly from: string;
  readonly to: string;
}

/** Files that lie more folders deep than this no longer belong to the cohort. */
const MAX_DEPTH = 4;
/** The deepest BIDS folder is `derivatives/<pipeline>/sub-1/ses-1/anat`. */
const MAX_BIDS_DEPTH = 5;
/** This many subjects are enough to tell whether a folder is BIDS. */
const MOST_SUBJECTS = 32;
/** TotalSegmentator has 145,000 files, because it has a mask per structure. */
const MAX_FILES = 300_000;
const MSD_FOLDERS = ['imagesTr', 'labelsTr', 'imagesVa', 'labelsVa', 'imagesTs', 'labelsTs'];

/**
 * Lists the cases of the folder `root`.
 *
 * @throws CohortFolderError if it is no folder; CohortDescriptionError if its dataset.json or splits.json is wrong
 */
export async function listCohort(root: string): Promise<CohortListing> {
  const absolute = resolve(root);
  const { files, dataset } = await look(absolute);
  const recorded = await readMemory(absolute);
  const layout = await recognise(absolute, files, dataset, recorded);
  return {
    root: absolute,
    layout: {
      ...layout,
      warnings: [...(dataset?.remarks ?? []), ...layout.warnings],
      cases: layout.cases.map((found) => toAbsolute(absolute, found)),
      labelsWithoutImage: layout.labelsWithoutImage.map((path) => join(absolute, path)),
      unusedLabels: layout.unusedLabels.map((path) => join(absolute, path)),
    },
    dataset,
    declaredSplit: (await readDeclaredSplit(absolute)) ?? validationSplit(layout),
  };
}

/** Recognises the layout, also with the label files that only the records of the cases tell of. */
async function recognise(
  root: string,
  files: readonly string[],
  dataset: DatasetDescription | null,
  recorded: Memory,
): Promise<CohortLayout> {
  const layout = recogniseLayout(files, dataset, recorded.layout, recorded);
  const labelFiles = await findLabelFilesDrawnOn(root, join(root, STATE_FOLDER), layout);
  return labelFiles.size === 0 ? layout : recogniseLayout(files, dataset, recorded.layout, { ...recorded, labelFiles });
}

/**
 * The split that the maker of an MSD cohort made by setting labelled cases aside to validate with (`imagesVa`, as in
 * AMOS). It is null where nobody has split the cohort, so that we draw the holdout ourselves.
 */
function validationSplit({ cases }: CohortLayout): DeclaredSplit | null {
  const isValidation = ({ files }: CohortCase) => files.channels[0].startsWith('imagesVa/');
  const ids = (chosen: readonly CohortCase[]) => chosen.map(({ files }) => files.id);
  const val = cases.filter((found) => found.labelled && isValidation(found));
  const train = cases.filter((found) => !found.test && !isValidation(found));
  return val.length > 0 && train.some(({ labelled }) => labelled) ? { train: ids(train), val: ids(val) } : null;
}

/**
 * Reads the `splits.json` in the cohort's folder; it is null where there is none. @throws CohortDescriptionError,
 * FileAccessError
 */
export async function readDeclaredSplit(root: string): Promise<DeclaredSplit | null> {
  const splits = await firstText(root, ['splits.json', 'splits_final.json']);
  return splits === null ? null : parseSplitsJson(splits);
}

/**
 * Finds the case that an image or a label file belongs to.
 *
 * @param workspaceFolder the cohort's root is not looked for above this folder (where `file` is inside it)
 * @param ifMoved label maps that are treated as if they had their new names already
 * @throws CohortDescriptionError if the cohort's dataset.json is wrong
 */
export async function findCase(
  file: string,
  workspaceFolder?: string,
  ifMoved: readonly MovedFile[] = [],
): Promise<FileInCohort> {
  const absolute = resolve(file);
  const root = await findCohortRoot(absolute, workspaceFolder);
  const path = toListingPath(root, absolute);
  // Only the folders of the case are listed: opening one file must not read through a whole disk.
  const recorded = await readMemory(root);
  const folders = await foldersOfCase(root, path, recorded);
  const moved = ifMoved.map(({ from, to }) => ({ from: toListingPath(root, from), to: toListingPath(root, to) }));
  let opened = await openedFile(root, path, recorded, folders, moved);
  const found = opened.kind === 'labels-without-image' ? null : opened.case;
  // The whole cohort has to be listed in three cases: new structures are numbered over all cases, the work on one case
  // may tell how the masks of another are read, and the partner of a file whose name follows a pattern may lie in
  // another folder.
  const isNumbered = !found || (areNumbered(found, recorded) && !(found.files.masks && (await hasCaseRecords(root))));
  const isOfRow = (foldersToPair(path, [...recorded.patterns, ...NAME_PATTERNS]) ?? []).length > 0;
  const isSettled = isNumbered && (!isOfRow || found?.labelled === true);
  if (folders && !isSettled) opened = await openedFile(root, path, recorded, undefined, moved);
  return opened.kind === 'labels-without-image'
    ? { kind: opened.kind, root }
    : { kind: opened.kind, root, case: toAbsolute(root, opened.case) };
}

async function openedFile(
  root: string,
  path: string,
  recorded: Memory,
  folders: readonly string[] | undefined,
  moved: readonly MovedFile[],
): Promise<OpenedFile> {
  const { files: listed, dataset } = await look(root, folders);
  const old = new Set(moved.map(({ from }) => from));
  const files = [...listed.filter((each) => !old.has(each)), ...moved.map(({ to }) => to)];
  // The listing passes over some files (in a dot folder of an MSD cohort, for instance), but an opened one is a case
  // all the same.
  const all = files.includes(path) ? files : [...files, path];
  const opened = caseForFile(path, all, dataset, recorded.layout, recorded);
  if (opened.kind !== 'labels-without-image' && !opened.case.files.masks) return opened;
  const layout = recogniseLayout(all, dataset, recorded.layout, recorded);
  const labelFiles = await findLabelFilesDrawnOn(root, join(root, STATE_FOLDER), layout);
  return labelFiles.size === 0 ? opened : caseForFile(path, all, dataset, recorded.layout, { ...recorded, labelFiles });
}

async function hasCaseRecords(root: string): Promise<boolean> {
  return (await namesIfThere(join(root, STATE_FOLDER, 'cases'))).some((name) => name.endsWith('.json'));
}

function areNumbered({ files }: CohortCase, { labels }: Memory): boolean {
  const known = new Set(labels.map(({ name }) => name.toLowerCase()));
  return (files.masks ?? []).every(({ structure, isLabelMap }) => isLabelMap || known.has(structure.toLowerCase()));
}

/**
 * Lists the cases that lie in the folders of this file's case, without looking at the rest of the cohort. It throws
 * what `findCase` throws.
 */
export async function listAround(file: string): Promise<Pick<CohortListing, 'root' | 'layout' | 'dataset'>> {
  const absolute = resolve(file);
  const root = await findCohortRoot(absolute);
  const recorded = await readMemory(root);
  const { files, dataset } = await look(root, await foldersOfCase(root, toListingPath(root, absolute), recorded));
  const layout = await recognise(root, files, dataset, recorded);
  return { root, layout: { ...layout, cases: layout.cases.map((found) => toAbsolute(root, found)) }, dataset };
}

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

/** Tells the layout of the cohort at `root`, without listing its cases where that is possible. */
export async function layoutOf(root: string): Promise<LayoutName> {
  if (await isMsdRoot(root)) return 'msd';
  const { layout } = await readMemory(root);
  if (layout) return layout;
  return (await hasBidsSubjects(root)) ? (await listCohort(root)).layout.name : 'side-by-side';
}

interface Memory extends CohortMemory {
  readonly layout?: 'bids' | 'side-by-side' | undefined;
}

const memorySchema = v.object({
  layout: v.fallback(v.optional(v.picklist(['bids', 'side-by-side'])), undefined),
  labels: v.fallback(v.array(v.object({ value: v.number(), name: v.string() })), []),
  namePatterns: v.fallback(v.optional(namePatterns, []), []),
});

/**
 * Reads what `cohort.json` says and file names cannot say. The result is empty where the file is damaged; whoever reads
 * the whole record reports that.
 */
async function readMemory(root: string): Promise<Memory> {
  const text = await textIfThere(join(root, STATE_FOLDER, 'cohort.json'));
  let json: unknown = {};
  try {
    json = JSON.parse(text ?? '{}');
  } catch {
    // Whoever reads the whole record reports the damage.
  }
  const parsed = v.safeParse(memorySchema, json);
  if (!parsed.success) return { labels: [], patterns: [] };
  const { layout, labels, namePatterns } = parsed.output;
  return { layout, labels, patterns: namePatterns };
}

/** Returns the name patterns that a person has confirmed for the cohort that the folder is, or lies in. */
export async function namePatternsOf(folder: string): Promise<readonly NamePattern[]> {
  return (await readMemory(await findCohortRoot(join(folder, 'x')))).patterns;
}

/** Listing a folder and opening one file both use this test: if they disagreed, a case would have two names. */
async function isCohortRoot(folder: string): Promise<boolean> {
  return (
    (await isFolder(join(folder, STATE_FOLDER))) ||
    (await isThere(join(folder, 'dataset.json'))) ||
    (await isMsdRoot(folder)) ||
    (await isBidsRoot(folder))
  );
}

/** Tells from the names in a folder whether it may be the root of a cohort, so that it has to be looked into. */
function mayBeCohortRoot(names: ReadonlySet<string>): boolean {
  return [STATE_FOLDER, 'dataset.json', 'imagesTr'].some((name) => names.has(name)) || [...names].some(isBidsSubject);
}

/**
 * Tells whether a folder is a BIDS data set: it has folders of subjects, and either a description or a file that is
 * named as BIDS asks. What a program derived from a data set has both as well, but belongs to that data set.
 */
async function isBidsRoot(folder: string): Promise<boolean> {
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

async function isMsdRoot(folder: string): Promise<boolean> {
  if (!(await isFolder(join(folder, 'imagesTr')))) return false;
  return (await isFolder(join(folder, 'labelsTr'))) || (await isThere(join(folder, 'dataset.json')));
}

/** Tells whether there are BIDS subjects at all. Only a whole listing shows whether their labels follow BIDS too. */
async function hasBidsSubjects(folder: string): Promise<boolean> {
  return (await namesIfThere(folder)).some(isBidsSubject);
}

function isBidsSubject(name: string): boolean {
  return /^sub-[a-zA-Z0-9]+$/.test(name);
}

/**
 * The folders (relative to the root) that hold the files of one case. It is undefined where they may lie anywhere:
 * whether a folder of subjects is BIDS depends on all of its files, unless it was decided before.
 */
async function foldersOfCase(
  root: string,
  path: string,
  { layout: recorded, patterns }: Memory,
): Promise<string[] | undefined> {
  if (await isMsdRoot(root)) return undefined;
  const bids = recorded === 'side-by-side' ? null : parseBidsPath(path);
  const own = dirname(path).replace(/^\.$/, '');
  const others = bids ? [] : foldersToPair(path, [...patterns, ...NAME_PATTERNS]);
  if (!others) return undefined;
  if (!bids) return thereOf(root, [...new Set([own, ...others])]);
  if (recorded === undefined) return undefined;
  const pipelines = await namesIfThere(join(root, 'derivatives'));
  const folders = [bids.folder, ...pipelines.map((pipeline) => `derivatives/${pipeline}/${bids.folder}`)];
  return thereOf(root, folders);
}

async function thereOf(root: string, folders: readonly string[]): Promise<string[]> {
  const there = await Promise.all(folders.map((folder) => isFolder(join(root, folder))));
  return folders.filter((_, index) => there[index]);
}

/** @param onlyFolders if given, only these folders (relative to the root) are listed, and none below them */
async function look(
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

function isPassedOver(name: string): boolean {
  return name.startsWith('.') || name === 'node_modules';
}

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

type Kind = 'file' | 'folder' | 'other';

function kindOf(entry: Pick<Dirent, 'isFile' | 'isDirectory'>): Kind {
  return entry.isFile() ? 'file' : entry.isDirectory() ? 'folder' : 'other';
}

function toAbsolute(root: string, found: CohortCase): CohortCase {
  // This avoids `join`, which looks at every character, for every mask of every case.
  const start = root.endsWith(sep) ? root : root + sep;
  const absolute = (path: string) => start + (sep === '/' ? path : path.replaceAll('/', sep));
  const files: CaseFiles = {
    ...found.files,
    channels: found.files.channels.map(absolute),
    labels: absolute(found.files.labels),
    ...(found.files.unusedLabels && { unusedLabels: found.files.unusedLabels.map(absolute) }),
    ...(found.files.masks && { masks: found.files.masks.map((mask) => ({ ...mask, path: absolute(mask.path) })) }),
  };
  const reviewers = found.reviewers.map((other) => ({ ...other, labels: absolute(other.labels) }));
  return { ...found, files, reviewers };
}

function toListingPath(root: string, absolute: string): string {
  return relative(root, absolute).split(sep).join('/');
}

async function firstText(folder: string, names: readonly string[]): Promise<string | null> {
  for (const name of names) {
    const text = await textIfThere(join(folder, name));
    if (text !== null) return text;
  }
  return null;
}
