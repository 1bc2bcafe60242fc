import { rm } from 'node:fs/promises';
import { parseSaveJournal, type SaveJournal, serializeSaveJournal } from '../core/cohort/records/save-journal.ts';
import { patiently } from './atomic-save.ts';
import { fileAccessError } from './file-access-error.ts';
import { isMissing } from './missing-file.ts';
import { writeTextAtomically } from './record-file.ts';
import { readTextFile } from './regular-file.ts';

/** Null where no save runs or was interrupted. @param path absolute @throws FileAccessError */
export async function readSaveJournal(path: string): Promise<SaveJournal | null> {
  try {
    return parseSaveJournal(await readTextFile(path));
  } catch (error) {
    if (isMissing(error)) return null;
    throw fileAccessError('read', path, error);
  }
}

/** On the disk when this resolves. @throws FileAccessError */
export async function writeSaveJournal(path: string, entry: Omit<SaveJournal, 'version'>): Promise<void> {
  await writeTextAtomically(path, serializeSaveJournal(entry));
}

/** @throws FileAccessError */
export async function removeSaveJournal(path: string): Promise<void> {
  try {
    await patiently(() => rm(path, { force: true }));
  } catch (error) {
    throw fileAccessError('write', path, error);
  }
}
