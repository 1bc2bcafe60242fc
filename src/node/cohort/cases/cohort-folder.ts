import { dirname, join, relative, resolve, sep } from 'node:path';
import type { CaseFiles } from '../../../core/cohort/files/case.ts';
import { caseForFile, type OpenedFile, recogniseLayout } from '../../../core/cohort/files/layout.ts';
import type { CohortCase, CohortLayout, LayoutName } from '../../../core/cohort/files/layouts/cohort-layout.ts';
import {
  type DatasetDescription,
  type DeclaredSplit,
  parseSplitsJson,
} from '../../../core/cohort/files/layouts/dataset-json.ts';
import { foldersToPair } from '../../../core/cohort/files/layouts/match-patterns.ts';
import { parseBidsPath } from '../../../core/cohort/files/names/bids-names.ts';
import { NAME_PATTERNS } from '../../../core/cohort/files/names/name-patterns.ts';
import { isFolder, namesIfThere } from '../../files/missing-file.ts';
import { type Memory, readMemory } from '../state/cohort-memory-file.ts';
import { findCohortRoot, hasBidsSubjects, isMsdRoot, STATE_FOLDER } from '../state/cohort-root.ts';
import { findLabelFilesDrawnOn } from './label-files-drawn-on.ts';
import { firstText, listFiles } from './listed-files.ts';

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

/**
 * Lists the cases of the folder `root`.
 *
 * @throws CohortFolderError if it is no folder; CohortDescriptionError if its dataset.json or splits.json is wrong
 */
export async function listCohort(root: string): Promise<CohortListing> {
  const absolute = resolve(root);
  const { files, dataset } = await listFiles(absolute);
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
  const { files: listed, dataset } = await listFiles(root, folders);
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
  const { files, dataset } = await listFiles(root, await foldersOfCase(root, toListingPath(root, absolute), recorded));
  const layout = await recognise(root, files, dataset, recorded);
  return { root, layout: { ...layout, cases: layout.cases.map((found) => toAbsolute(root, found)) }, dataset };
}

/** Tells the layout of the cohort at `root`, without listing its cases where that is possible. */
export async function layoutOf(root: string): Promise<LayoutName> {
  if (await isMsdRoot(root)) return 'msd';
  const { layout } = await readMemory(root);
  if (layout) return layout;
  return (await hasBidsSubjects(root)) ? (await listCohort(root)).layout.name : 'side-by-side';
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
