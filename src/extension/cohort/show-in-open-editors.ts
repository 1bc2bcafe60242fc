import type { CohortStore } from '../../node/cohort-store.ts';
import { readProposalFile } from '../../node/proposal-file.ts';
import { log } from '../log.ts';
import type { Services } from '../services.ts';
import { showProposalIfItFits } from '../session/case-proposals.ts';

/** Shows a new proposal where its case is open. */
export async function showInOpenEditors(
  { editors }: Services,
  store: CohortStore,
  caseId: string,
  path: string,
): Promise<void> {
  const sessions = new Set([...editors.documents].flatMap(({ session }) => session ?? []));
  for (const session of sessions) {
    if (session.store.root !== store.root || session.files.id !== caseId) continue;
    try {
      const file = await readProposalFile(path);
      if (file) showProposalIfItFits(session, file);
    } catch (error) {
      log().warn(`The proposal for ${caseId} could not be shown:`, error);
    }
  }
}
