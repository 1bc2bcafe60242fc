import type * as v from 'valibot';
import { parseRecord, stringifyRecord } from '../../core/cohort/records/cohort-record.ts';
import { VoxelLoopError } from '../../core/errors.ts';
import { saveBytesAtomically } from './atomic-save.ts';
import { fileAccessError } from './file-access-error.ts';
import { isMissing } from './missing-file.ts';
import { readTextFile } from './regular-file.ts';

/**
 * Reads a JSON record.
 *
 * @returns null if the file does not exist
 * @throws RecordError if it is damaged or of a newer format; FileAccessError
 */
export async function readRecordFile<Schema extends v.GenericSchema>(
  schema: Schema,
  path: string,
): Promise<v.InferOutput<Schema> | null> {
  try {
    return parseRecord(schema, await readTextFile(path), path);
  } catch (error) {
    if (isMissing(error)) return null;
    throw error instanceof VoxelLoopError ? error : fileAccessError('read', path, error);
  }
}

/** Writes a JSON record so that a reader sees the old one or the new one, never half of it. @throws FileAccessError */
export async function writeRecordFile(path: string, record: Readonly<Record<string, unknown>>): Promise<void> {
  await writeTextAtomically(path, stringifyRecord(record));
}

/** @throws FileAccessError */
export async function writeTextAtomically(path: string, text: string): Promise<void> {
  await saveBytesAtomically(path, new TextEncoder().encode(text));
}
