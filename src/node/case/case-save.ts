import { dirname } from 'node:path';
import type { CaseFiles } from '../../core/cohort/files/case.ts';
import { type CaseRecord, serializeCaseRecord } from '../../core/cohort/records/case-record.ts';
import type { HistoryEntry } from '../../core/cohort/records/slice-history.ts';
import { VoxelLoopError } from '../../core/errors.ts';
import { lockCase } from '../cohort/state/case-lock.ts';
import type { CohortStore } from '../cohort/state/cohort-store.ts';
import { readSaveJournal, SAVE_JOURNAL_ENDING, writeSaveJournal } from '../cohort/state/save-journal-file.ts';
import { discardPrepared, type PreparedFile, putInPlace } from '../files/atomic-save.ts';
import { fileAccessError } from '../files/file-access-error.ts';
import { fileFingerprint } from '../files/file-fingerprint.ts';
import { labelPlace } from '../files/label-place.ts';
import { removeLeftTemporaries } from '../files/left-temporaries.ts';
import { isMissing, isThere } from '../files/missing-file.ts';
import { type ProcessLock, takeLock } from '../files/process-lock.ts';
import { readTextFile } from '../files/regular-file.ts';
import { textFingerprint } from '../files/text-fingerprint.ts';
import { UnsafePathError } from '../files/unsafe-path-error.ts';

/** An earlier save of a case was cut off, and whoever saves now may not complete it. */
export class InterruptedSaveError extends VoxelLoopError {
  readonly code = 'interrupted-save';
}

/** The place where a case is kept. */
export type CasePlace = Pick<CaseFiles, 'id' | 'labels' | 'reviewer'>;

/**
 * The files of a case on the disk: its label file and the record that counts for it (`readCaseText`). Each is null if
 * there is none.
 */
export interface CaseOnDisk {
  /** The `fileFingerprint` of the label file. */
  readonly labels: string | null;
  /** The `textFingerprint` of the record. */
  readonly record: string | null;
}

/** A case as it is to be on the disk. */
export interface CaseSave {
  readonly labels: PreparedFile & { readonly fingerprint: string };
  /** The record, whose `labelsFingerprint` is still to be filled in. */
  readonly record: CaseRecord;
  /** The record of the labels that are replaced, for a case that has none: such labels count as complete. */
  readonly recordBefore: CaseRecord;
  readonly who?: string | undefined;
  readonly history: readonly HistoryEntry[];
}

/** A save reports and decides through these. */
export interface SaveSteps {
  /** Computes a `fileFingerprint`. */
  readonly fingerprint: (path: string) => Promise<string>;
  /**
   * Is called when nobody else can save this case any more, and nothing is replaced yet. It throws if what lies there
   * must stay.
   */
  readonly check: (onDisk: CaseOnDisk) => void;
  /** Is called when the save counts, even if what follows fails. @param onDisk what lies on the disk now */
  readonly replaced: (onDisk: CaseOnDisk) => void;
  /**
   * Tells whether an earlier, interrupted save may be completed, which is allowed only in a folder that the user
   * trusts.
   */
  readonly mayComplete: boolean;
}

/**
 * Replaces the label file, the record and the history of a case as one: whenever it is interrupted, a reader
 * (`readCaseText`) finds all of it or nothing. The order is: journal, label file, history, record; then the journal
 * goes.
 *
 * One process at a time saves a case (`lockCase`).
 *
 * @throws CaseBusyError, InterruptedSaveError, UnsafePathError, FileAccessError and what `check` throws
 */
export async function saveCase(store: CohortStore, place: CasePlace, save: CaseSave, steps: SaveSteps): Promise<void> {
  const path = recordPath(store, place);
  const lock = await lockSaves(store, place).catch(async (error) => {
    await discardPrepared(save.labels);
    throw error;
  });
  try {
    const record = serializeCaseRecord({ ...save.record, labelsFingerprint: save.labels.fingerprint });
    try {
      await checkTarget(store, place, save.labels);
      await removeLeftOfSaves(store, place);
      if (steps.mayComplete) await settleInterruptedSave(store, place);
      else await refuseInterruptedSave(store, place);
      const present = await readText(path);
      steps.check({
        labels: await fingerprintOf(place.labels, steps.fingerprint),
        record: present === null ? null : textFingerprint(present),
      });
      await putLabelsInPlace(store, place, { ...save, record }, present);
    } catch (error) {
      await discardPrepared(save.labels);
      throw error;
    }
    steps.replaced({ labels: save.labels.fingerprint, record: textFingerprint(record) });
    await complete(store, place, { ...save, record });
  } finally {
    // A lock that cannot be removed is taken over when this process ends; what was saved is saved.
    await lock.release().catch(() => undefined);
  }
}

/** The lines that a save adds to the history of a person. */
type HistoryToAdd = Pick<CaseSave, 'who' | 'history'>;

/**
 * Removes a case that a save made out of nothing: its label file goes, then its record; the history stays and is added
 * to. This order matters, because a label file without a record would count as complete, while a record without a label
 * file counts as nothing.
 *
 * @param steps as for a save; `check` throws if anything lies there that the save did not write
 * @throws CaseBusyError, InterruptedSaveError, UnsafePathError, FileAccessError and what `check` throws; what is there
 * then is whole, or a record that counts for nothing
 */
export async function removeCase(
  store: CohortStore,
  place: CasePlace,
  { who, history }: HistoryToAdd,
  steps: Pick<SaveSteps, 'fingerprint' | 'check' | 'mayComplete'>,
): Promise<void> {
  const path = recordPath(store, place);
  const lock = await lockSaves(store, place);
  try {
    if (steps.mayComplete) await settleInterruptedSave(store, place);
    else await refuseInterruptedSave(store, place);
    const present = await readText(path);
    steps.check({
      labels: await fingerprintOf(place.labels, steps.fingerprint),
      record: present === null ? null : textFingerprint(present),
    });
    await store.historyOf(place.reviewer).append(place.id, who, history);
    const lies = await labelPlace(store, place.labels);
    await lies.files.removeFile(lies.path);
    await store.files.removeFile(path);
  } finally {
    await lock.release().catch(() => undefined);
  }
}

/**
 * Keeps others from saving the case until the lock is released. @throws CaseBusyError, UnsafePathError, FileAccessError
 */
export async function lockSaves(store: CohortStore, place: CasePlace): Promise<ProcessLock> {
  const path = recordPath(store, place);
  await store.prepare();
  await store.files.makeFolder(dirname(path));
  return lockCase(lockPath(store, place), store.files, place.id);
}

/**
 * Checks that the new label file takes the place that the case's labels really have, and no other. @throws
 * UnsafePathError
 */
async function checkTarget(store: CohortStore, { labels }: CasePlace, { target }: PreparedFile): Promise<void> {
  const meant = await labelPlace(store, labels);
  const prepared = await labelPlace(store, target);
  if (meant.path === prepared.path) return;
  throw new UnsafePathError(
    labels,
    `${labels} leads elsewhere than when this save began: somebody changed a link on the way to it. Save again.`,
  );
}

/** Removes what dead processes left while they saved this case. @throws UnsafePathError, FileAccessError */
export async function removeLeftOfSaves(store: CohortStore, place: CasePlace): Promise<void> {
  const { path, files } = await labelPlace(store, place.labels);
  await removeLeftTemporaries(files, [path]);
  await removeLeftTemporaries(store.files, [recordPath(store, place), journalPath(store, place)]);
}

/** @throws InterruptedSaveError */
async function refuseInterruptedSave(store: CohortStore, place: CasePlace): Promise<void> {
  if (!(await hasInterruptedSave(store, place))) return;
  throw new InterruptedSaveError(
    `An earlier save of ${place.id} was interrupted, and Voxel Loop completes it only in a folder that you trust. Trust this folder ("Workspaces: Manage Workspace Trust"), then save again.`,
  );
}

/**
 * Writes the journal, the record of what is replaced if there is none, and the label file: until here everything can be
 * taken back.
 */
async function putLabelsInPlace(
  store: CohortStore,
  place: CasePlace,
  { labels, record, recordBefore, who, history }: Omit<CaseSave, 'record'> & { readonly record: string },
  present: string | null,
): Promise<void> {
  const path = recordPath(store, place);
  const before = serializeCaseRecord(recordBefore);
  try {
    await writeSaveJournal(store.files, journalPath(store, place), {
      labelsFingerprint: labels.fingerprint,
      replaces: textFingerprint(present ?? before),
      record,
      ...(who !== undefined && { who }),
      history: [...history],
    });
    if (present === null) await store.files.saveText(path, before);
    await putInPlace(labels);
  } catch (error) {
    // What lies there is as it was before, also for the next attempt. A failure here must not hide the first one.
    if (present === null) await store.files.removeFile(path).catch(() => undefined);
    await removeIfPossible(store, place);
    throw error;
  }
}

/**
 * Completes a save that was interrupted when its label file was in place. Nothing happens where there is none, where
 * one runs, or where something else was written since.
 *
 * Only whoever works on this case (opens it to edit it, trains) in a folder that the user trusts may call this: a mere
 * reader learns from `readCaseText` what counts, and writes nothing.
 * @returns whether there was one
 * @throws UnsafePathError, FileAccessError
 */
export async function finishInterruptedSave(store: CohortStore, place: CasePlace): Promise<boolean> {
  if (!(await hasInterruptedSave(store, place))) return false;
  const lock = await takeLock(lockPath(store, place), store.files);
  // A save is running: readers learn from its journal what counts.
  if (!('release' in lock)) return false;
  try {
    return await settleInterruptedSave(store, place);
  } finally {
    await lock.release().catch(() => undefined);
  }
}

/** Tells whether a save of this case runs or was interrupted, so that its record alone does not say what counts. */
export function hasInterruptedSave(store: CohortStore, place: Pick<CasePlace, 'id' | 'reviewer'>): Promise<boolean> {
  return isThere(journalPath(store, place));
}

/**
 * Reads the text of the record that counts for a label file. If a save has put this file in place and not written its
 * record yet, it is the record of that save; otherwise it is the one on the disk. It is null if there is none.
 *
 * @param labelsFingerprint the fingerprint of the label file as it is; null if there is no such file
 * @throws FileAccessError
 */
export async function readCaseText(
  store: CohortStore,
  place: Pick<CasePlace, 'id' | 'reviewer'>,
  labelsFingerprint: string | null,
): Promise<string | null> {
  // The journal is read first: a save that ends in between has written its record before its journal goes.
  const entry = await readSaveJournal(journalPath(store, place));
  const present = await readText(recordPath(store, place));
  return entry && entry.labelsFingerprint === labelsFingerprint && follows(entry, present) ? entry.record : present;
}

/** @throws FileAccessError */
export async function readCaseOnDisk(
  store: CohortStore,
  place: CasePlace,
  fingerprint: (path: string) => Promise<string>,
): Promise<CaseOnDisk> {
  const labels = await fingerprintOf(place.labels, fingerprint);
  const record = await readCaseText(store, place, labels);
  return { labels, record: record === null ? null : textFingerprint(record) };
}

/**
 * Completes what an interrupted save had begun, or removes its journal where nothing had happened. The caller holds the
 * lock.
 * @returns whether there was something to complete
 */
async function settleInterruptedSave(store: CohortStore, place: CasePlace): Promise<boolean> {
  const path = journalPath(store, place);
  const entry = await readSaveJournal(path);
  const isInPlace =
    entry !== null &&
    entry.labelsFingerprint === (await fingerprintOf(place.labels, fileFingerprint)) &&
    follows(entry, await readText(recordPath(store, place)));
  if (isInPlace) await complete(store, place, entry);
  else await store.files.removeFile(path);
  return isInPlace;
}

/** Does everything that follows the label file. It may be done again. */
async function complete(
  store: CohortStore,
  place: CasePlace,
  { record, who, history }: Pick<CaseSave, 'who' | 'history'> & { readonly record: string },
): Promise<void> {
  await store.historyOf(place.reviewer).append(place.id, who, history);
  await store.files.saveText(recordPath(store, place), record);
  // All of it is saved: whoever finds a journal that stays here sees that it is done.
  await removeIfPossible(store, place);
}

function removeIfPossible(store: CohortStore, place: CasePlace): Promise<void> {
  return store.files.removeFile(journalPath(store, place)).catch(() => undefined);
}

/** Tells whether the record on the disk is still the one that the save replaces, or already the one it wrote. */
function follows(entry: { readonly replaces: string; readonly record: string }, present: string | null): boolean {
  return present !== null && [entry.replaces, textFingerprint(entry.record)].includes(textFingerprint(present));
}

function recordPath(store: CohortStore, { id, reviewer }: Pick<CasePlace, 'id' | 'reviewer'>): string {
  return store.caseRecordPath(id, reviewer);
}

function journalPath(store: CohortStore, place: Pick<CasePlace, 'id' | 'reviewer'>): string {
  return recordPath(store, place).replace(/\.json$/, SAVE_JOURNAL_ENDING);
}

/** The lock is the file `cases/<case>.lock.tmp`. */
function lockPath(store: CohortStore, place: CasePlace): string {
  return recordPath(store, place).replace(/\.json$/, '.lock.tmp');
}

async function readText(path: string): Promise<string | null> {
  try {
    return await readTextFile(path);
  } catch (error) {
    if (isMissing(error)) return null;
    throw fileAccessError('read', path, error);
  }
}

/**
 * The fingerprint is null if there is no label file. A file that exists and cannot be read is an error, because it must
 * not be saved over.
 */
async function fingerprintOf(path: string, fingerprint: (path: string) => Promise<string>): Promise<string | null> {
  return (await isThere(path)) ? fingerprint(path) : null;
}
