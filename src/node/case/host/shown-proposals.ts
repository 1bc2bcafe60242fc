import type { LabelTable } from '../../../core/label/table/label-table.ts';
import { readHeldOutCases } from '../../cohort/cases/held-out-cases.ts';
import type { CohortStore } from '../../cohort/state/cohort-store.ts';
import type { VolumeWorkerClient } from '../../volume-worker/volume-worker-client.ts';
import type { SessionReports } from '../open/session-reports.ts';
import {
  proposalAfterPrediction,
  proposalToShow,
  showProposal,
  showProposalIfItFits,
} from '../session/case-proposals.ts';
import type { CaseSession } from '../session/case-session.ts';

/** An open document, as far as proposals are shown in it. */
interface ProposedDocument {
  readonly session: CaseSession | null;
  addLabels(table: LabelTable): void;
}

/**
 * Decides which proposals open documents show. A proposal that cannot be shown is only logged, because predicting again
 * makes a new one.
 */
export class ShownProposals {
  constructor(
    private readonly worker: () => Pick<VolumeWorkerClient, 'fingerprint' | 'readProposal'>,
    private readonly reports: Pick<SessionReports, 'warn'>,
  ) {}

  /**
   * Shows the proposal of the active model (`proposalToShow`) that was made when the case was last open, or none where
   * the case is held out.
   */
  async bringBack(document: ProposedDocument): Promise<void> {
    const { session } = document;
    if (!session || session.document.proposal) return;
    try {
      if (await isHeldOut(session)) return;
      const file = await proposalToShow(session, this.worker());
      if (file && !session.document.proposal) showProposal(session, file, (table) => document.addLabels(table));
    } catch (error) {
      this.reports.warn(`The last proposal for ${session.files.id} could not be shown:`, error);
    }
  }

  /**
   * Shows the proposals of the version that has become active in everything that is open, and no longer those of a
   * version that was rolled back. What was taken over, edited or accepted has become labels and stays.
   */
  async followActiveModel(documents: Iterable<ProposedDocument>): Promise<void> {
    for (const session of sessionsOf(documents)) {
      try {
        const file = (await isHeldOut(session)) ? null : await proposalToShow(session, this.worker());
        if (file?.facts.id === session.document.proposal?.id) continue;
        if (file) showProposalIfItFits(session, file);
        if (session.document.proposal?.id !== file?.facts.id) session.setProposal(null);
      } catch (error) {
        this.reports.warn(`The proposal for ${session.files.id} could not be exchanged:`, error);
      }
    }
  }

  /**
   * Shows the new proposal of a predicted case where the case is open (`proposalAfterPrediction`).
   * @param path the proposal's file
   */
  async predicted(
    documents: Iterable<ProposedDocument>,
    store: CohortStore,
    caseId: string,
    path: string,
  ): Promise<void> {
    for (const session of sessionsOf(documents)) {
      if (session.store.root !== store.root || session.files.id !== caseId) continue;
      try {
        const file = await proposalAfterPrediction(session, this.worker(), path);
        if (file) showProposalIfItFits(session, file);
      } catch (error) {
        this.reports.warn(`The proposal for ${caseId} could not be shown:`, error);
      }
    }
  }
}

/** Several documents may show one case. */
function sessionsOf(documents: Iterable<ProposedDocument>): Set<CaseSession> {
  return new Set([...documents].flatMap(({ session }) => session ?? []));
}

async function isHeldOut({ store, files }: CaseSession): Promise<boolean> {
  return (await readHeldOutCases(store)).has(files.id);
}
