import { randomUUID } from 'node:crypto';
import { open, readFile, rename, rm } from 'node:fs/promises';
import type * as v from 'valibot';
import { parseRecord, stringifyRecord } from '../core/cohort/cohort-record.ts';
import { isMissing } from './missing-file.ts';

/**
 * Reads a JSON record.
 *
 * @returns null where the file is not there
 * @throws RecordError if it is damaged or of a newer format
 */
export async function readRecordFile<Schema extends v.GenericSchema>(
  schema: Schema,
  path: string,
): Promise<v.InferOutput<Schema> | null> {
  try {
    return parseRecord(schema, await readFile(path, 'utf8'), path);
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

/** Writes a JSON record so that a reader sees the old one or the new one, never half of it. */
export async function writeRecordFile(path: string, record: Readonly<Record<string, unknown>>): Promise<void> {
  await writeTextAtomically(path, stringifyRecord(record));
}

export async function writeTextAtomically(path: string, text: string): Promise<void> {
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    const file = await open(temporary, 'wx');
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
