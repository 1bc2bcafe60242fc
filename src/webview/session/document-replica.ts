import { CaseDocument } from '../../core/case/document/case-document.ts';
import { CaseReplica } from '../../core/case/document/case-replica.ts';
import type { ProposalSummary } from '../../core/case/document/document-schemas.ts';
import type { Proposal } from '../../core/case/state/proposal.ts';
import type { ProposalSliceState } from '../../core/case/state/review.ts';
import type { LabelMap } from '../../core/label/label-map.ts';
import type { DocumentSnapshot } from '../../core/protocol/editor-contract.ts';
import type { SlicePlanes } from '../looking/view-state.ts';

/**
 * Makes the replica of a document from what the host answered.
 * @param snapshot the snapshot at the revision of `labels`
 * @param labels these belong to the replica from now on
 */
export function replicaOf(snapshot: DocumentSnapshot, planes: SlicePlanes, labels: LabelMap): CaseReplica {
  return new CaseReplica(
    new CaseDocument({
      planes,
      reviewPlane: snapshot.reviewPlane,
      labels,
      table: snapshot.labelTable,
      review: snapshot.review,
      proposalStates: [
        ...snapshot.rejections.map(
          ({ proposalId, slices }) =>
            [proposalId, new Map(slices.map((slice) => [slice, 'rejected' as const]))] as const,
        ),
        ...(snapshot.proposal ? [[snapshot.proposal.id, decidedSlices(snapshot.proposal)] as const] : []),
      ],
      rejectedComponents: snapshot.proposal
        ? new Map([[snapshot.proposal.id, snapshot.proposal.rejectedComponents]])
        : new Map<string, number[]>(),
      revision: snapshot.revision,
    }),
  );
}

/**
 * Makes a proposal from its summary and its labels. The host records which model version made it: here it is 0.
 */
export function proposalOf(summary: ProposalSummary, labels: LabelMap): Proposal {
  return {
    id: summary.id,
    modelVersion: 0,
    modelName: summary.modelName,
    labels,
    uncertainty: summary.uncertainty,
    components: summary.components,
  };
}

/** Tells whether somebody has decided about parts of it. */
export function isWorkedOn(summary: ProposalSummary): boolean {
  return summary.rejectedComponents.length > 0 || summary.slices.some((state) => state !== 'pending');
}

/** The slices whose part of the proposal was taken or rejected. */
function decidedSlices(summary: ProposalSummary): Map<number, ProposalSliceState> {
  return new Map([...summary.slices.entries()].filter(([, state]) => state !== 'pending'));
}
