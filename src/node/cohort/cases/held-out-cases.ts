import { heldOutIds } from '../../../core/cohort/records/splits.ts';
import type { CohortStore } from '../state/cohort-store.ts';
import { readDeclaredSplit } from './cohort-folder.ts';

/**
 * Reads which cases judge model versions, or are reserved to judge them (`heldOutIds`), as the disk has it now.
 * @throws RecordError, CohortDescriptionError, FileAccessError
 */
export async function readHeldOutCases(store: CohortStore): Promise<ReadonlySet<string>> {
  const [declared, record] = await Promise.all([readDeclaredSplit(store.root), store.readRecord()]);
  return heldOutIds(declared, record);
}
