import type { VolumeDocument } from '../editor/volume-document.ts';
import { log } from '../log.ts';
import { newestProposal, showProposal } from '../session/case-proposals.ts';
import type { Volumes } from '../volumes.ts';

/**
 * Shows the proposal that a case had when it was last open. A proposal that cannot be shown any more is only logged:
 * predicting again makes a new one.
 */
export async function newestProposalInto(document: VolumeDocument, volumes: Volumes): Promise<void> {
  const { session } = document;
  if (!session || session.document.proposal) return;
  try {
    const file = await newestProposal(session, volumes.client);
    if (file && !session.document.proposal) showProposal(session, file, (table) => document.addLabels(table));
  } catch (error) {
    log().warn(`The last proposal for ${session.files.id} could not be shown:`, error);
  }
}
