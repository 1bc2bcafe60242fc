import { proposalAfterPrediction, showProposalIfItFits } from '../../node/case/session/case-proposals.ts';
import type { CohortStore } from '../../node/cohort/cohort-store.ts';
import { log } from '../platform/log.ts';
import type { Services } from '../services.ts';

/**
 * Shows the new proposal of a predicted case where the case is open (`proposalAfterPrediction`). @param path the
 * proposal's file
 */
export async function showInOpenEditors(
  { editors, volumes }: Services,
  store: CohortStore,
  caseId: string,
  path: string,
): Promise<void> {
  const sessions = new Set([...editors.documents].flatMap(({ session }) => session ?? []));
  for (const session of sessions) {
    if (session.store.root !== store.root || session.files.id !== caseId) continue;
    try {
      const file = await proposalAfterPrediction(session, volumes.client, path);
      if (file) showProposalIfItFits(session, file);
    } catch (error) {
      log().warn(`The proposal for ${caseId} could not be shown:`, error);
    }
  }
}
