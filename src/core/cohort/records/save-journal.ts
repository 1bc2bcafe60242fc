import * as v from 'valibot';
import { CaseRecordError, parseCaseRecord } from './case-record.ts';
import { historyEntry } from './slice-history.ts';

const VERSION = 1;

const journal = v.strictObject({
  version: v.literal(VERSION),
  /** The label file that the save puts in place (`fileFingerprint`). */
  labelsFingerprint: v.string(),
  /** The record that is there meanwhile (`textFingerprint`). */
  replaces: v.string(),
  /** The text of the record that takes its place; it speaks of the label file `labelsFingerprint`. */
  record: v.pipe(v.string(), v.check(isCaseRecord, 'It is no record of a case.')),
  who: v.exactOptional(v.string()),
  /** What the save adds to the history of that person. */
  history: v.array(historyEntry),
});

/**
 * What a save is about to do, written down before it does it. A label file and its record cannot change at one moment:
 * whoever finds them apart learns here that they are two halves of one save, and what the other half is.
 */
export type SaveJournal = v.InferOutput<typeof journal>;

export function serializeSaveJournal(entry: Omit<SaveJournal, 'version'>): string {
  return `${JSON.stringify({ version: VERSION, ...entry }, null, 2)}\n`;
}

/**
 * Reads a journal. It is null for a text that is none: torn by a power cut, of another version, or with a record that
 * is none. Then nothing is known of a save. Anybody may have written what is read here.
 */
export function parseSaveJournal(text: string): SaveJournal | null {
  try {
    const parsed = v.safeParse(journal, JSON.parse(text));
    return parsed.success ? parsed.output : null;
  } catch {
    return null;
  }
}

function isCaseRecord(text: string): boolean {
  try {
    parseCaseRecord(text);
    return true;
  } catch (error) {
    if (error instanceof CaseRecordError) return false;
    throw error;
  }
}
