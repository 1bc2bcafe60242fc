import { cp, lstat, rename, rm } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { VoxelLoopError } from '../core/errors.ts';
import { patiently, syncFolder } from './atomic-save.ts';
import { type CasePlace, finishInterruptedSave, lockSaves } from './case-save.ts';
import type { CohortStore } from './cohort-store.ts';
import { withFileErrors } from './file-errors.ts';
import { isMissing } from './missing-file.ts';
import type { ProcessLock } from './process-lock.ts';
import { readTextFile } from './regular-file.ts';

/** Where all that belongs to a case is kept. */
export interface CaseAddress extends CasePlace {
  readonly store: CohortStore;
}

/** Something of another case has the name already. Nothing was moved. */
export class CaseNameTakenError extends VoxelLoopError {
  readonly code = 'case-name-taken';

  constructor(
    from: string,
    readonly path: string,
  ) {
    super(
      `${basename(path)} belongs to another case already, so the labels and the review of ${from} were not renamed with its image: they are still there under the old name. Move the other ones away, then rename the image back and once more.`,
    );
  }
}

/** Has a case's records, or a part of them, one place and gets another. */
interface Piece {
  readonly from: string;
  readonly to: string;
}

/**
 * Gives all that belongs to a case another name: its image was renamed. History, record and label file go in an order in
 * which labels are never without their record: such labels would count as complete. What is not there, or was moved already
 * (with its folder, by git), is passed over. Whatever fails, all of it is where it was.
 *
 * @throws CaseNameTakenError, CaseBusyError, UnsafePathError, FileAccessError
 */
export async function moveCase(from: CaseAddress, to: CaseAddress): Promise<void> {
  const pieces = piecesOf(from, to).filter((piece) => piece.from !== piece.to);
  const present: Piece[] = [];
  for (const piece of pieces) if (await isThere(piece.from)) present.push(piece);
  if (present.length === 0) return;
  await finishInterruptedSave(from.store, from);
  // In one order, so that two that swap names do not wait for each other.
  const [first, second] = [from, to].sort((a, b) => (recordOf(a) < recordOf(b) ? -1 : 1));
  const locks: ProcessLock[] = [];
  try {
    for (const place of recordOf(first) === recordOf(second) ? [first] : [first, second]) {
      // A cohort that nobody has worked with stays one.
      if (await isThere(place.store.stateDir)) locks.push(await lockSaves(place.store, place));
    }
    for (const piece of present) {
      if (await isThere(piece.to)) throw new CaseNameTakenError(from.id, piece.to);
    }
    await moveTogether(from, to, present);
  } finally {
    for (const lock of locks) await lock.release().catch(() => undefined);
  }
  await moveProposals(from, to);
}

async function moveTogether(from: CaseAddress, to: CaseAddress, present: readonly Piece[]): Promise<void> {
  const done: Piece[] = [];
  const record = present.find((piece) => piece.from === recordOf(from));
  try {
    if (record) {
      // A copy first: the label file under its old name still has its record.
      const text = await withFileErrors('read', record.from, readTextFile(record.from));
      await to.store.files.makeFolder(dirname(record.to));
      await to.store.files.saveText(record.to, text);
    }
    for (const piece of present) {
      if (piece === record) continue;
      await movePath(piece, from.store, to.store);
      done.push(piece);
    }
  } catch (error) {
    for (const { from: before, to: after } of done.reverse()) {
      await movePath({ from: after, to: before }, to.store, from.store).catch(() => undefined);
    }
    if (record) await to.store.files.removeFile(record.to).catch(() => undefined);
    throw error;
  }
  // The case has its new name from now on. A record that stays under the old one is found by nobody.
  if (record) await from.store.files.removeFile(record.from).catch(() => undefined);
  if (from.store.stateDir === to.store.stateDir) await renameInCohort(to.store, from.id, to.id);
}

/** A case that judges must not train under another name. */
async function renameInCohort(store: CohortStore, from: string, to: string): Promise<void> {
  const record = from === to ? null : await store.readRecord();
  if (!record) return;
  const renamed = (ids: readonly string[]) => ids.map((id) => (id === from ? to : id)).sort();
  if (![...record.holdout, ...record.seen].includes(from)) return;
  await store.writeRecord({ ...record, holdout: renamed(record.holdout), seen: renamed(record.seen) });
}

/** They can be made again, and are named by their image: what cannot be moved stays. */
async function moveProposals(from: CaseAddress, to: CaseAddress): Promise<void> {
  if (from.reviewer !== undefined) return;
  const piece = { from: from.store.proposalsFolder(from.id), to: to.store.proposalsFolder(to.id) };
  if (piece.from === piece.to || !(await isThere(piece.from)) || (await isThere(piece.to))) return;
  await movePath(piece, from.store, to.store).catch(() => undefined);
}

/** In the order in which they are moved. */
function piecesOf(from: CaseAddress, to: CaseAddress): Piece[] {
  return [
    { from: recordOf(from), to: recordOf(to) },
    {
      from: from.store.historyOf(from.reviewer).folderOf(from.id),
      to: to.store.historyOf(to.reviewer).folderOf(to.id),
    },
    { from: from.labels, to: to.labels },
  ];
}

function recordOf({ store, id, reviewer }: CaseAddress): string {
  return store.caseRecordPath(id, reviewer);
}

/** Inside the cohorts, and through no link. @throws UnsafePathError, FileAccessError */
async function movePath({ from, to }: Piece, source: CohortStore, target: CohortStore): Promise<void> {
  await source.files.check(from);
  await target.files.makeFolder(dirname(to));
  await target.files.check(to);
  try {
    await patiently(() => rename(from, to));
  } catch (error) {
    const isOtherDisk = error instanceof Error && 'code' in error && error.code === 'EXDEV';
    if (!isOtherDisk) await withFileErrors('write', to, Promise.reject(error));
    await withFileErrors('write', to, cp(from, to, { recursive: true, errorOnExist: true, force: false }));
    await withFileErrors('write', from, rm(from, { recursive: true, force: true }));
  }
  await withFileErrors('write', to, syncFolder(dirname(to)));
}

/** Links count as themselves. @throws FileAccessError */
export async function isThere(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    return withFileErrors('read', path, Promise.reject(error));
  }
}
