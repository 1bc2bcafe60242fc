import { stat } from 'node:fs/promises';
import type { CaseFiles } from '../../../core/cohort/files/case.ts';
import { parseCaseRecord } from '../../../core/cohort/records/case-record.ts';
import type { LabelEntry } from '../../../core/label/table/label-table.ts';
import { readTextFile } from '../../files/regular-file.ts';
import { listCohort } from '../cases/cohort-folder.ts';
import type { CohortStore } from '../state/cohort-store.ts';

/** Tells in which other cases of a cohort a label is used. */
export interface LabelUse {
  /** The label files of these cases hold the value, under the cohort's name for it. */
  readonly cases: readonly string[];
  /** So many cases were not looked at, because time ran out or their files cannot be read. */
  readonly unknown: number;
}

interface KnownFile {
  readonly stamp: string;
  readonly values: ReadonlySet<number>;
}

/** Finds out which label files hold a value. Files that have not changed are not read again. */
export class LabelUses {
  readonly #known = new Map<string, KnownFile>();

  /** @param readValues returns the values that occur in a label file */
  constructor(private readonly readValues: (path: string) => Promise<readonly number[]>) {}

  /**
   * @param except the label file that is asked about
   * @param withinMs after this time no further file is begun
   * @throws CohortFolderError, CohortDescriptionError
   */
  async of(value: number, store: CohortStore, except: string, withinMs: number): Promise<LabelUse> {
    const { layout } = await listCohort(store.root);
    const others = layout.cases.filter(({ files, labelled }) => labelled && files.labels !== except);
    const untilMs = performance.now() + withinMs;
    const cases: string[] = [];
    let unknown = 0;
    for (const { files } of others) {
      const values = await this.#valuesOf(files, untilMs);
      if (values === null) unknown++;
      else if (values.has(value) && !(await hasOwnName(store, files, value))) cases.push(files.id);
    }
    return { cases, unknown };
  }

  async #valuesOf({ labels }: CaseFiles, untilMs: number): Promise<ReadonlySet<number> | null> {
    try {
      const { mtimeMs, size } = await stat(labels);
      const stamp = `${mtimeMs}:${size}`;
      const known = this.#known.get(labels);
      if (known?.stamp === stamp) return known.values;
      if (performance.now() > untilMs) return null;
      const values = new Set(await this.readValues(labels));
      this.#known.set(labels, { stamp, values });
      return values;
    } catch (error) {
      // A file that cannot be read may hold anything.
      if (isOfFile(error)) return null;
      throw error;
    }
  }
}

async function hasOwnName(store: CohortStore, { id }: CaseFiles, value: number): Promise<boolean> {
  let labels: readonly LabelEntry[] = [];
  try {
    labels = parseCaseRecord(await readTextFile(store.caseRecordPath(id))).labels ?? [];
  } catch (error) {
    if (!isOfFile(error)) throw error;
  }
  return labels.some((entry) => entry.value === value);
}

/** Our errors and those of the system carry a code; a defect does not. */
function isOfFile(error: unknown): boolean {
  return error instanceof Error && 'code' in error;
}
