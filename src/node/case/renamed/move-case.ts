import { lstat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { VoxelLoopError } from '../../../core/errors.ts';
import type { CohortStore } from '../../cohort/state/cohort-store.ts';
import { withFileErrors } from '../../files/file-errors.ts';
import { labelNamePlace } from '../../files/label-place.ts';
import { isMissing } from '../../files/missing-file.ts';
import type { ProcessLock } from '../../files/process-lock.ts';
import { readTextFile } from '../../files/regular-file.ts';
import { type CasePlace, finishInterruptedSave, lockSaves } from '../case-save.ts';

/** The places where all that belongs to a case is kept. */
export interface CaseAddress extends CasePlace {
  readonly store: CohortStore;
}

/** The old and the new address of a case that is renamed. */
export interface CaseMove {
  readonly from: CaseAddress;
  readonly to: CaseAddress;
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

/** A file or a folder of a case that moves from one place to another. */
interface Piece {
  readonly kind: 'record' | 'history' | 'labels';
  readonly from: string;
  readonly to: string;
  /** True where the system takes both names for one file. */
  readonly isOneFile: boolean;
}

/**
 * Gives all that belongs to a case another name, because its image was renamed. History, record and label file go in an
 * order in which labels are never without their record: such labels would count as complete. Whatever does not exist,
 * or was moved already (with its folder, or by git), is passed over. Several cases go together, in their order (what
 * other people drew of a case). If anything fails, all of it is where it was.
 *
 * @throws CaseNameTakenError, CaseBusyError, UnsafePathError, FileAccessError
 */
export async function moveCases(moves: readonly CaseMove[]): Promise<void> {
  const done: (CaseMove & { readonly pieces: readonly Piece[] })[] = [];
  try {
    for (const { from, to } of moves) {
      const pieces = await presentPieces(from, to);
      if (pieces.length === 0) continue;
      await finishInterruptedSave(from.store, from);
      await movePieces(from, to, pieces);
      done.push({ from, to, pieces });
    }
  } catch (error) {
    for (const { from, to, pieces } of [...done].reverse()) {
      const back = pieces.map((piece) => ({ ...piece, from: piece.to, to: piece.from }));
      await movePieces(to, from, back).catch(() => undefined);
    }
    throw error;
  }
  for (const { from, to } of done) await moveProposals(from, to);
}

async function movePieces(from: CaseAddress, to: CaseAddress, present: readonly Piece[]): Promise<void> {
  // The locks are taken in one order, so that two that swap names do not wait for each other.
  const [first, second] = [from, to].sort((a, b) => (recordOf(a) < recordOf(b) ? -1 : 1));
  // Where the system ignores case, the locks of `Scan` and `scan` are one.
  const isOnePlace = recordOf(first) === recordOf(second) || present.some(({ isOneFile }) => isOneFile);
  const locks: ProcessLock[] = [];
  try {
    for (const place of isOnePlace ? [first] : [first, second]) {
      // A cohort that nobody has worked with gets no state folder.
      if (await isAnythingThere(place.store.stateDir)) locks.push(await lockSaves(place.store, place));
    }
    for (const piece of present) {
      if (!piece.isOneFile && (await isAnythingThere(piece.to))) throw new CaseNameTakenError(from.id, piece.to);
    }
    await moveTogether(from, to, present);
  } finally {
    for (const lock of locks) await lock.release().catch(() => undefined);
  }
}

/** The pieces in the order in which they are moved. @throws FileAccessError */
async function presentPieces(from: CaseAddress, to: CaseAddress): Promise<Piece[]> {
  const places = [
    { kind: 'record', from: recordOf(from), to: recordOf(to) },
    {
      kind: 'history',
      from: from.store.historyOf(from.reviewer).folderOf(from.id),
      to: to.store.historyOf(to.reviewer).folderOf(to.id),
    },
    { kind: 'labels', from: from.labels, to: to.labels },
  ] as const;
  const present: Piece[] = [];
  for (const place of places) {
    if (place.from === place.to || !(await isAnythingThere(place.from))) continue;
    present.push({ ...place, isOneFile: await isOneFile(place.from, place.to) });
  }
  return present;
}

async function moveTogether(from: CaseAddress, to: CaseAddress, present: readonly Piece[]): Promise<void> {
  const done: Piece[] = [];
  // The record is copied first, so that the label file under its old name still has it. Where both names are one file
  // there is nothing to copy.
  const copied = present.find(({ kind, isOneFile }) => kind === 'record' && !isOneFile);
  try {
    if (copied) {
      const text = await withFileErrors('read', copied.from, readTextFile(copied.from));
      await to.store.files.makeFolder(dirname(copied.to));
      await to.store.files.saveText(copied.to, text);
    }
    for (const piece of present) {
      if (piece === copied) continue;
      await movePiece(piece, from.store, to.store);
      done.push(piece);
    }
  } catch (error) {
    for (const piece of done.reverse()) {
      await movePiece({ ...piece, from: piece.to, to: piece.from }, to.store, from.store).catch(() => undefined);
    }
    if (copied) await to.store.files.removeFile(copied.to).catch(() => undefined);
    throw error;
  }
  // The case has its new name from now on. Nobody finds a record that stays under the old one.
  if (copied) await from.store.files.removeFile(copied.from).catch(() => undefined);
}

/** Proposals can be made again, and are named by their image: whatever cannot be moved stays. */
async function moveProposals(from: CaseAddress, to: CaseAddress): Promise<void> {
  if (from.reviewer !== undefined) return;
  const piece = { from: from.store.proposalsFolder(from.id), to: to.store.proposalsFolder(to.id) };
  if (piece.from === piece.to || !(await isAnythingThere(piece.from))) return;
  if ((await isAnythingThere(piece.to)) && !(await isOneFile(piece.from, piece.to))) return;
  await from.store.files.moveTo(to.store.files, piece.from, piece.to).catch(() => undefined);
}

function recordOf({ store, id, reviewer }: CaseAddress): string {
  return store.caseRecordPath(id, reviewer);
}

/** Moves a piece inside the cohorts, or where the user lets label maps be. @throws UnsafePathError, FileAccessError */
async function movePiece({ kind, from, to }: Piece, source: CohortStore, target: CohortStore): Promise<void> {
  if (kind !== 'labels') return source.files.moveTo(target.files, from, to);
  const here = await labelNamePlace(source, from);
  const there = await labelNamePlace(target, to);
  const isLink = (await withFileErrors('read', here.path, lstat(here.path))).isSymbolicLink();
  if (isLink) await here.files.moveLinkTo(there.files, here.path, there.path);
  else await here.files.moveTo(there.files, here.path, there.path);
}

/**
 * Tells whether a system that ignores case takes both paths for one file, which may have a third spelling. Two names of
 * one file that differ in more than that are hard links, and count as two files.
 */
export async function isOneFile(a: string, b: string): Promise<boolean> {
  const folded = (path: string) => path.normalize('NFC').toLowerCase();
  if (a === b || folded(a) !== folded(b)) return a === b;
  const [one, other] = await Promise.all([a, b].map((path) => lstat(path, { bigint: true }).catch(() => null)));
  if (!one || !other) return false;
  return (['dev', 'ino', 'size', 'mtimeNs'] as const).every((field) => one[field] === other[field]);
}

/** Tells whether something exists at a path; a link counts as itself. @throws FileAccessError */
export async function isAnythingThere(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    return withFileErrors('read', path, Promise.reject(error));
  }
}
