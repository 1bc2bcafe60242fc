import { join } from 'node:path';
import * as v from 'valibot';
import type { CohortMemory } from '../../../core/cohort/files/cohort-memory.ts';
import type { NamePattern } from '../../../core/cohort/files/names/name-patterns.ts';
import { namePatterns } from '../../../core/cohort/records/cohort-record.ts';
import { textIfThere } from '../../files/missing-file.ts';
import { findCohortRoot, STATE_FOLDER } from './cohort-root.ts';

export interface Memory extends CohortMemory {
  readonly layout?: 'bids' | 'side-by-side' | undefined;
}

const memorySchema = v.object({
  layout: v.fallback(v.optional(v.picklist(['bids', 'side-by-side'])), undefined),
  labels: v.fallback(v.array(v.object({ value: v.number(), name: v.string() })), []),
  namePatterns: v.fallback(v.optional(namePatterns, []), []),
});

/**
 * Reads what `cohort.json` says and file names cannot say. The result is empty where the file is damaged; whoever reads
 * the whole record reports that.
 */
export async function readMemory(root: string): Promise<Memory> {
  const text = await textIfThere(join(root, STATE_FOLDER, 'cohort.json'));
  let json: unknown = {};
  try {
    json = JSON.parse(text ?? '{}');
  } catch {
    // Whoever reads the whole record reports the damage.
  }
  const parsed = v.safeParse(memorySchema, json);
  if (!parsed.success) return { labels: [], patterns: [] };
  const { layout, labels, namePatterns } = parsed.output;
  return { layout, labels, patterns: namePatterns };
}

/** Returns the name patterns that a person has confirmed for the cohort that the folder is, or lies in. */
export async function namePatternsOf(folder: string): Promise<readonly NamePattern[]> {
  return (await readMemory(await findCohortRoot(join(folder, 'x')))).patterns;
}
