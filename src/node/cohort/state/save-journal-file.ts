import { parseSaveJournal, type SaveJournal, serializeSaveJournal } from '../../../core/cohort/records/save-journal.ts';
import { fileAccessError } from '../../files/file-access-error.ts';
import type { GuardedFolder } from '../../files/guarded-folder.ts';
import { isMissing } from '../../files/missing-file.ts';
import { readTextFile } from '../../files/regular-file.ts';

/** The journal of a save lies beside the record: `cases/<case>.saving.tmp`. Git ignores `*.tmp`. */
export const SAVE_JOURNAL_ENDING = '.saving.tmp';

/**
 * Reads the journal of a save; it is null where no save runs or was interrupted. @param path an absolute path @throws
 * FileAccessError
 */
export async function readSaveJournal(path: string): Promise<SaveJournal | null> {
  try {
    return parseSaveJournal(await readTextFile(path));
  } catch (error) {
    if (isMissing(error)) return null;
    throw fileAccessError('read', path, error);
  }
}

/** Writes the journal, which is on the disk when this resolves. @throws UnsafePathError, FileAccessError */
export async function writeSaveJournal(
  files: GuardedFolder,
  path: string,
  entry: Omit<SaveJournal, 'version'>,
): Promise<void> {
  await files.saveText(path, serializeSaveJournal(entry));
}
