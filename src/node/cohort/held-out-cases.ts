import { heldOutIds } from '../../core/cohort/records/splits.ts';
import { readDeclaredSplit } from './cohort-folder.ts';
import type { CohortStore } from './cohort-store.ts';

/**
 * The cases that judge model versions, or are reserved to, as the disk has it now (`heldOutIds`).
 * @throws RecordError, CohortDescriptionError, FileAccessError
 */
export async function readHeldOutCases(store: CohortStore): Promise<ReadonlySet<string>> {
  const [declared, record] = await Promise.all([readDeclaredSplit(store.root), store.readRecord()]);
  return heldOutIds(declared, record);
}
