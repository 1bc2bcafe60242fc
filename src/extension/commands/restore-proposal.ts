import { proposalToShow, showProposal, showProposalIfItFits } from '../../node/case/session/case-proposals.ts';
import type { CaseSession } from '../../node/case/session/case-session.ts';
import { readHeldOutCases } from '../../node/cohort/held-out-cases.ts';
import type { VolumeDocument } from '../editor/volume-document.ts';
import { log } from '../platform/log.ts';
import type { Volumes } from '../volumes.ts';

/**
 * Shows the proposal of the active model (`proposalToShow`) that was made when the case was last open, or none where
 * the case is held out. A proposal that cannot be shown any more is only logged, because predicting again makes a new
 * one.
 */
export async function savedProposalInto(document: VolumeDocument, volumes: Volumes): Promise<void> {
  const { session } = document;
  if (!session || session.document.proposal) return;
  try {
    if (await isHeldOut(session)) return;
    const file = await proposalToShow(session, volumes.client);
    if (file && !session.document.proposal) showProposal(session, file, (table) => document.addLabels(table));
  } catch (error) {
    log().warn(`The last proposal for ${session.files.id} could not be shown:`, error);
  }
}

/**
 * Shows the proposals of the version that has become active in everything that is open, and no longer those of a
 * version that was rolled back. What was taken over, edited or accepted has become labels and stays.
 */
export async function followActiveModel(documents: Iterable<VolumeDocument>, volumes: Volumes): Promise<void> {
  for (const document of documents) {
    const { session } = document;
    if (!session) continue;
    try {
      const file = (await isHeldOut(session)) ? null : await proposalToShow(session, volumes.client);
      if (file?.facts.id === session.document.proposal?.id) continue;
      if (file) showProposalIfItFits(session, file);
      if (session.document.proposal?.id !== file?.facts.id) session.setProposal(null);
    } catch (error) {
      log().warn(`The proposal for ${session.files.id} could not be exchanged:`, error);
    }
  }
}

async function isHeldOut({ store, files }: CaseSession): Promise<boolean> {
  return (await readHeldOutCases(store)).has(files.id);
}
