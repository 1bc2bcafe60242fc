import { lstat } from 'node:fs/promises';
import { basename, join, sep } from 'node:path';
import type { CohortCase } from '../../../core/cohort/files/layouts/cohort-layout.ts';
import { isVolumeName } from '../../../core/cohort/files/names/file-names.ts';
import { findCase, listCohort } from '../../cohort/cases/cohort-folder.ts';
import { findCohortRoot } from '../../cohort/state/cohort-root.ts';
import { CohortStore } from '../../cohort/state/cohort-store.ts';
import { type CaseMove, CaseNameTakenError, isAnythingThere, isOneFile, moveCases } from './move-case.ts';
import { renamedInCohort } from './renamed-in-cohort.ts';
import { type NewPlaces, newPlacesOf } from './renamed-labels.ts';

/** A file or a folder gets another path. Both are absolute. */
export interface Renaming {
  readonly from: string;
  readonly to: string;
}

/** A case whose images are about to be renamed. */
export interface LeavingCase {
  readonly store: CohortStore;
  readonly case: CohortCase;
  /** Its first image will be here. */
  readonly newImage: string;
}

/**
 * Finds the cases whose images are renamed. It must be called before that, while they can still be found.
 * @param workspaceFolderOf see `findCase`
 * @param labelFolders see `LabelHome`
 * @throws CohortDescriptionError, CohortFolderError, FileAccessError
 */
export async function casesToRename(
  renamings: readonly Renaming[],
  workspaceFolderOf: (path: string) => string | undefined,
  labelFolders: Iterable<string> = [],
): Promise<LeavingCase[]> {
  const found = new Map<string, LeavingCase>();
  for (const renaming of renamings) {
    for (const { root, case: each } of await casesAt(renaming.from, workspaceFolderOf(renaming.from))) {
      const newImage = renamedPath(each.files.channels[0], renamings);
      // Only one channel of several is renamed: the case stays where the others are.
      if (newImage === null || each.files.channels.some((path) => renamedPath(path, renamings) === null)) continue;
      found.set(`${root}\n${each.files.id}`, { store: storeAt(root, labelFolders), case: each, newImage });
    }
  }
  return [...found.values()];
}

async function casesAt(
  path: string,
  workspaceFolder: string | undefined,
): Promise<readonly { readonly root: string; readonly case: CohortCase }[]> {
  const entry = await lstat(path).catch(() => null);
  if (entry?.isDirectory()) {
    const root = await findCohortRoot(join(path, 'any'), workspaceFolder);
    // A cohort that is moved as a whole takes all that it has along.
    if (root === path || (await lstat(new CohortStore(root).stateDir).catch(() => null)) === null) return [];
    const { layout } = await listCohort(root);
    return layout.cases
      .filter(({ files }) => files.channels.some((channel) => isBelow(channel, path)))
      .map((each) => ({ root, case: each }));
  }
  // All kinds of files lie beside images, and descriptions of data sets that are none of ours.
  if (!isVolumeName(basename(path))) return [];
  const found = await findCase(path, workspaceFolder);
  return found.kind === 'image' ? [found] : [];
}

/**
 * Lets labels, record, history and proposals of a case follow its image, which was renamed.
 * @returns the way back; null if nobody knows the image as a case
 * @throws CaseNameTakenError, LabelsStayBehindError, CaseBusyError, FileAccessError and what `findCase` throws
 */
export async function followImage(
  leaving: LeavingCase,
  workspaceFolder: string | undefined,
): Promise<LeavingCase | null> {
  const arrived = await findCase(leaving.newImage, workspaceFolder);
  if (arrived.kind !== 'image') return null;
  const store = storeAt(arrived.root, leaving.store.labelFolders);
  const { files: before } = leaving.case;
  const { files: after } = arrived.case;
  // Its own labels went along already, or another case has the name.
  const isTaken = arrived.case.labelled && !(await isOneFile(before.labels, after.labels));
  if (isTaken && (await isAnythingThere(before.labels))) throw new CaseNameTakenError(before.id, after.labels);
  const places = await newPlacesOf(leaving.case, leaving.store.root, arrived, workspaceFolder);
  const move = () => moveAll(leaving, store, places);
  if (store.stateDir === leaving.store.stateDir) await renamedInCohort(store, before.id, places.id, move);
  else await move();
  const now = await findCase(leaving.newImage, workspaceFolder);
  return now.kind === 'image' ? { store, case: now.case, newImage: before.channels[0] } : null;
}

async function moveAll(leaving: LeavingCase, store: CohortStore, { id, labels, reviewers }: NewPlaces): Promise<void> {
  const { files: before } = leaving.case;
  // What belongs to other people is moved first: if the case were found complete without it, nobody would come back for
  // it.
  const moves = reviewers.map(
    ({ reviewer, from, to }): CaseMove => ({
      from: { store: leaving.store, id: before.id, labels: from, reviewer },
      to: { store, id, labels: to, reviewer },
    }),
  );
  const from = { store: leaving.store, id: before.id, labels: before.labels };
  await moveCases([...moves, { from, to: { store, id, labels } }]);
}

function storeAt(root: string, labelFolders: Iterable<string>): CohortStore {
  const store = new CohortStore(root);
  for (const folder of labelFolders) store.labelFolders.add(folder);
  return store;
}

/** The new path; it is null if the path does not change. */
export function renamedPath(path: string, renamings: readonly Renaming[]): string | null {
  const renaming = renamings.find(({ from }) => path === from || isBelow(path, from));
  return renaming ? renaming.to + path.slice(renaming.from.length) : null;
}

function isBelow(path: string, folder: string): boolean {
  return path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}
