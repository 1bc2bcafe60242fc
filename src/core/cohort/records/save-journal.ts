import * as v from 'valibot';
import { historyEntry } from './slice-history.ts';

const VERSION = 1;

const journal = v.strictObject({
  version: v.literal(VERSION),
  /** The label file that the save puts in place (`fileFingerprint`). */
  labelsFingerprint: v.string(),
  /** The record that is there meanwhile (`textFingerprint`). */
  replaces: v.string(),
  /** The record that takes its place, as text: `labelsFingerprint` is what it speaks of. */
  record: v.string(),
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

/** Null for what is none: torn by a power cut, or of another version. Then nothing is known of a save. */
export function parseSaveJournal(text: string): SaveJournal | null {
  try {
    const parsed = v.safeParse(journal, JSON.parse(text));
    return parsed.success ? parsed.output : null;
  } catch {
    return null;
  }
}
