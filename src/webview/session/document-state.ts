import type { DocumentChange } from '../../core/case/document/document-schemas.ts';
import { VoxelLoopError } from '../../core/errors.ts';
import type { DocumentSnapshot } from '../../core/protocol/editor-contract.ts';

/** A change does not follow on the state that we hold: changes were missed, and only a fresh `open` helps. */
export class OutOfStepError extends VoxelLoopError {
  readonly code = 'out-of-step';
}

/**
 * The snapshot after `change`, except for voxels.
 * @throws OutOfStepError if the change does not follow on the snapshot's revision
 */
export function applyDocumentChange(snapshot: DocumentSnapshot, change: DocumentChange): DocumentSnapshot {
  if (change.revision !== snapshot.revision + 1) {
    throw new OutOfStepError(
      `The editor is at revision ${snapshot.revision} and was told of revision ${change.revision}. Reopen the file.`,
    );
  }
  const review = [...snapshot.review];
  for (const { slice, after } of change.review) review[slice] = after;
  let proposal = snapshot.proposal;
  if (proposal && change.proposal.some(({ proposalId }) => proposalId === proposal?.id)) {
    const slices = [...proposal.slices];
    for (const transition of change.proposal) {
      if (transition.proposalId === proposal.id) slices[transition.slice] = transition.after;
    }
    proposal = { ...proposal, slices };
  }
  if (proposal && change.components.some(({ proposalId }) => proposalId === proposal?.id)) {
    const rejected = new Set(proposal.rejectedComponents);
    for (const { proposalId, firstVoxel, after } of change.components) {
      if (proposalId !== proposal.id) continue;
      if (after === 'rejected') rejected.add(firstVoxel);
      else rejected.delete(firstVoxel);
    }
    proposal = { ...proposal, rejectedComponents: [...rejected] };
  }
  return {
    ...snapshot,
    revision: change.revision,
    labelTable: change.labelTable ?? snapshot.labelTable,
    review,
    proposal,
  };
}
