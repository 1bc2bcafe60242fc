import { realpath } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { isNiftiName } from '../../core/cohort/files/file-names.ts';
import { withFileErrors } from '../file-errors.ts';
import { isMissing } from '../missing-file.ts';
import { checkWay } from './check-way.ts';
import { GuardedFolder } from './guarded-folder.ts';
import { UnsafePathError } from './unsafe-path-error.ts';

/** Where a label file is written, and through what. */
export interface LabelPlace {
  /** Absolute, with every link on the way followed. */
  readonly path: string;
  readonly files: GuardedFolder;
}

/**
 * Where the label file `labels` of the cohort in `root` really lies. Cohorts are often put together from links: a link inside the
 * cohort is followed, and its target is what is written. One that leads out of the cohort is refused, as is one into a store
 * that has its own tools (git-annex, DVC): docs/security.md says why.
 *
 * @throws UnsafePathError with what to do; FileAccessError
 */
export async function labelPlace(root: string, labels: string): Promise<LabelPlace> {
  const home = await withFileErrors('read', root, followed(resolve(root)));
  const path = await withFileErrors('read', labels, followed(resolve(labels)));
  const way = relative(home, path);
  const names = way.split(sep);
  const isInside = way !== '' && names[0] !== '..' && !isAbsolute(way);
  if (names.includes('.git') && names.includes('annex')) throw annexError(root, labels);
  const isLinked = way !== relative(resolve(root), resolve(labels));
  if (!isInside || (isLinked && (names.some((name) => name.startsWith('.')) || !isNiftiName(basename(path))))) {
    throw outsideError(root, labels, path);
  }
  await checkWay(home, path);
  return { path, files: new GuardedFolder(home) };
}

/** `path` with all links followed, as far as it is there. A link that leads to nothing is not absent, but an error. */
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

function outsideError(root: string, labels: string, target: string): UnsafePathError {
  const name = relative(resolve(root), resolve(labels));
  return new UnsafePathError(
    labels,
    `${name} leads through a link to ${target}, and Voxel Loop writes label maps only inside the open cohort. Put a copy in the place of the link, or open the folder that it leads to; "Export Label Map..." keeps meanwhile what is drawn.`,
  );
}
