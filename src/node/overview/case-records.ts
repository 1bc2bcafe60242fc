import { readdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type CaseRecord, CaseRecordError, parseCaseRecord } from '../../core/cohort/records/case-record.ts';
import type { CohortStore } from '../cohort/state/cohort-store.ts';
import { fileAccessError } from '../files/file-access-error.ts';
import { isMissing } from '../files/missing-file.ts';
import { readTextFile } from '../files/regular-file.ts';

const ENDING = '.json';
/** Only so many files are read at once, so that a cohort of thousands of cases does not run out of file handles. */
const READS_AT_ONCE = 16;

interface Known {
  readonly stamp: string;
  /** The record is null if it is damaged. */
  readonly record: CaseRecord | null;
}

/**
 * Reads all review records of a cohort, for figures over the whole of it. Files that have not changed since the last
 * `read` are not read again.
 */
export class CaseRecords {
  #known = new Map<string, Known>();

  constructor(private readonly store: CohortStore) {}

  /**
   * @returns the records by case id, ascending, and in `damaged` the ids of those that cannot be read
   * @throws FileAccessError
   */
  async read(): Promise<{ readonly records: Map<string, CaseRecord>; readonly damaged: readonly string[] }> {
    const ids = await this.#ids();
    const found = new Map<string, Known>();
    let next = 0;
    const reader = async () => {
      while (next < ids.length) {
        const id = ids[next++];
        const known = await this.#readOne(id);
        if (known) found.set(id, known);
      }
    };
    await Promise.all(Array.from({ length: READS_AT_ONCE }, reader));
    this.#known = found;
    const records = new Map<string, CaseRecord>();
    const damaged: string[] = [];
    for (const id of ids) {
      const known = found.get(id);
      if (known?.record) records.set(id, known.record);
      else if (known) damaged.push(id);
    }
    return { records, damaged };
  }

  async #readOne(id: string): Promise<Known | null> {
    const path = this.store.caseRecordPath(id);
    try {
      const { mtimeMs, size, ino } = await stat(path);
      const stamp = `${mtimeMs} ${size} ${ino}`;
      const known = this.#known.get(id);
      if (known?.stamp === stamp) return known;
      return { stamp, record: parsed(await readTextFile(path)) };
    } catch (error) {
      if (isMissing(error)) return null;
      throw fileAccessError('read', path, error);
    }
  }

  async #ids(): Promise<string[]> {
    const folder = dirname(this.store.caseRecordPath('any'));
    try {
      const names = await readdir(folder);
      return names
        .filter((name) => name.endsWith(ENDING))
        .map((name) => name.slice(0, -ENDING.length))
        .sort();
    } catch (error) {
      if (isMissing(error)) return [];
      throw fileAccessError('read', folder, error);
    }
  }
}

function parsed(text: string): CaseRecord | null {
  try {
    return parseCaseRecord(text);
  } catch (error) {
    if (error instanceof CaseRecordError) return null;
    throw error;
  }
}
