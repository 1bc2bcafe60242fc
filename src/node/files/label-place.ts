import { lstat, realpath } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, dirname, isAbsolute, join, parse, relative, resolve, sep } from 'node:path';
import { isWritableName } from '../../core/cohort/files/names/file-names.ts';
import { checkWay } from './check-way.ts';
import { withFileErrors } from './file-errors.ts';
import { GuardedFolder } from './guarded-folder.ts';
import { isMissing } from './missing-file.ts';
import { UnsafePathError } from './unsafe-path-error.ts';

/** A cohort, as far as its label files are concerned. */
export interface LabelHome {
  readonly root: string;
  /**
   * In these folders outside the cohort the user lets label maps be saved, where a link leads to them. Their paths are
   * absolute, with every link followed.
   */
  readonly labelFolders: ReadonlySet<string>;
}

/** The place where a label file is written, and the guarded folder through which that is done. */
export interface LabelPlace {
  /** The path is absolute, with every link on the way followed. */
  readonly path: string;
  readonly files: GuardedFolder;
}

/** A link to a folder, and the folder that it leads to. Both paths are absolute. */
export interface FolderLink {
  readonly link: string;
  readonly folder: string;
}

/** A label file leads out of its cohort. */
export class OutsideLabelsError extends UnsafePathError {
  constructor(
    path: string,
    message: string,
    /**
     * The link that leads out, where the user may let label maps be saved in its folder; it is null if there is no such
     * link.
     */
    readonly way: FolderLink | null,
  ) {
    super(path, message);
  }
}

/**
 * Finds where the label file `labels` of a cohort really lies. Cohorts are often put together from links: a link inside
 * the cohort is followed, and its target is what is written. A link that leads out of the cohort is refused, unless it
 * leads to a folder that the user has agreed to. A link into a store that has its own tools (git-annex, DVC) is refused
 * too: docs/security.md says why.
 *
 * @throws OutsideLabelsError, UnsafePathError with what to do; FileAccessError
 */
export async function labelPlace({ root, labelFolders }: LabelHome, labels: string): Promise<LabelPlace> {
  const home = await withFileErrors('read', root, followed(resolve(root)));
  const path = await withFileErrors('read', labels, followed(resolve(labels)));
  const atHome = relative(home, path).split(sep);
  if (atHome.includes('.git') && atHome.includes('annex')) throw annexError(root, labels);
  const isLinked = relative(home, path) !== relative(resolve(root), resolve(labels));
  for (const folder of [home, ...labelFolders]) {
    const names = namesBelow(folder, path);
    if (!names) continue;
    if (isLinked && (names.some((name) => name.startsWith('.')) || !isWritableName(basename(path)))) break;
    await checkWay(folder, path);
    return { path, files: new GuardedFolder(folder) };
  }
  const way = await wayOut(home, resolve(root), resolve(labels));
  throw outsideError(root, labels, path, way && namesBelow(way.folder, path) ? way : null);
}

/**
 * Finds where the name of a label file lies, which may itself be a link, so that it can be renamed. What a link leads
 * to stays where it is.
 * @throws what `labelPlace` throws
 */
export async function labelNamePlace({ root, labelFolders }: LabelHome, labels: string): Promise<LabelPlace> {
  const home = await withFileErrors('read', root, followed(resolve(root)));
  const holder = await withFileErrors('read', labels, followed(dirname(resolve(labels))));
  const path = join(holder, basename(labels));
  const isLinked = relative(home, path) !== relative(resolve(root), resolve(labels));
  for (const folder of [home, ...labelFolders]) {
    const names = namesBelow(folder, path);
    if (!names) continue;
    if (isLinked && (names.some((name) => name.startsWith('.')) || !isWritableName(basename(path)))) break;
    await checkWay(folder, holder);
    return { path, files: new GuardedFolder(folder) };
  }
  throw outsideError(root, labels, path, null);
}

/**
 * The first link to a folder outside on the way to `labels`; it is null if there is none, or none that anybody should
 * agree to.
 */
async function wayOut(home: string, root: string, labels: string): Promise<FolderLink | null> {
  let link = root;
  for (const name of namesBelow(root, dirname(labels)) ?? []) {
    link = join(link, name);
    const isLink = (await lstat(link).catch(() => null))?.isSymbolicLink();
    const folder = isLink ? await realpath(link).catch(() => null) : null;
    if (folder === null || folder === home || namesBelow(home, folder)) continue;
    return isOnlyData(folder, home) ? { link, folder } : null;
  }
  return null;
}

/** Tells whether a folder is a plain place for data: it does not hold the settings of programs, nor everything else. */
function isOnlyData(folder: string, home: string): boolean {
  const holds = (other: string) => folder === other || namesBelow(folder, other) !== null;
  const isHidden = folder.split(sep).some((name) => name.startsWith('.'));
  return !isHidden && folder !== parse(folder).root && !holds(home) && !holds(homedir());
}

/** The names on the way from a folder to what is below it; they are null if the path is not below it. */
function namesBelow(folder: string, path: string): string[] | null {
  const way = relative(folder, path);
  const names = way.split(sep);
  return way === '' || names[0] === '..' || isAbsolute(way) ? null : names;
}

/**
 * `path` with all links followed as far as it exists. A link that leads nowhere is an error here, not an absent file.
 */
async function followed(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  const folder = dirname(path);
  return folder === path ? path : join(await followed(folder), basename(path));
}

function annexError(root: string, labels: string): UnsafePathError {
  const name = relative(resolve(root), resolve(labels));
  return new UnsafePathError(
    labels,
    `${name} is locked by git-annex, which keeps its content. Run "git annex unlock ${name}" ("datalad unlock ${name}" with DataLad), then save again.`,
  );
}

function outsideError(root: string, labels: string, target: string, way: FolderLink | null): OutsideLabelsError {
  const name = relative(resolve(root), resolve(labels));
  return new OutsideLabelsError(
    labels,
    `${name} leads through a link to ${target}, and Voxel Loop writes label maps only inside the open cohort. Put a copy in the place of the link, or open the folder that it leads to; "Export Label Map..." keeps meanwhile what is drawn.`,
    way,
  );
}
