import { decodeLabelRuns, encodeLabelRuns } from '../../label/label-runs-codec.ts';
import type { LabelTable } from '../../label/table/label-table.ts';
import type { CaseDocument, DocumentStep } from './case-document.ts';
import type { DocumentEdit } from './document-edit.ts';
import type { DocumentChange, ProposalSummary } from './document-schemas.ts';

/** Makes the change that editors are told of a step. Provenance stays with the host: no editor needs it. */
export function documentChangeOf(step: DocumentStep, strokeId?: number): DocumentChange {
  const { labels, review, proposal, components = [], table } = step.edit;
  return {
    revision: step.revision,
    runs: encodeLabelRuns(labels.runs),
    review: [...review],
    proposal: [...proposal],
    components: [...components],
    ...(table && { labelTable: [...table.after] }),
    ...(strokeId !== undefined && { strokeId }),
  };
}

/**
 * Makes the edit that an editor was told of.
 * @param table the editor's label table before it
 * @throws InvalidLabelEditError
 */
export function editOfChange(change: DocumentChange, table: LabelTable): DocumentEdit {
  return {
    title: '',
    labels: { runs: decodeLabelRuns(change.runs) },
    review: change.review,
    provenance: [],
    proposal: change.proposal,
    components: change.components,
    ...(change.labelTable && { table: { before: table, after: change.labelTable } }),
  };
}

/** Lists what editors are told of other proposals than the current one: the slices that they were rejected on. */
export function rejectionsOf(document: CaseDocument): { proposalId: string; slices: number[] }[] {
  const slices = new Map<string, number[]>();
  for (const slice of document.review.keys()) {
    for (const id of document.rejectedProposals(slice)) {
      if (id !== document.proposal?.id) slices.set(id, [...(slices.get(id) ?? []), slice]);
    }
  }
  return [...slices].map(([proposalId, rejected]) => ({ proposalId, slices: rejected }));
}

/** Describes the document's current proposal as editors are told of it. */
export function proposalSummaryOf(document: CaseDocument): ProposalSummary | null {
  const { proposal } = document;
  if (!proposal) return null;
  return {
    id: proposal.id,
    modelName: proposal.modelName,
    slices: document.review.map((_, slice) => document.proposalState(proposal.id, slice)),
    rejectedComponents: [...document.rejectedComponents(proposal.id)],
    uncertainty: Array.from(proposal.uncertainty),
    components: [...(proposal.components ?? [])],
  };
}
