import type { Proposal } from './proposal.ts';
import type { SliceProvenance } from './review.ts';

/** The person who accepts, and the time (ISO 8601, UTC). */
export interface Reviewer {
  readonly who?: string;
  readonly when: string;
}

/** The proposal that becomes labels on a slice together with what is done to it. It is null where none does. */
type Taken = Pick<Proposal, 'id' | 'modelVersion'> | null;

/**
 * Says where a slice comes from after somebody drew on it: an acceptance is over, and an imported slice is somebody's
 * work here from now on.
 * @param voxels how many the drawing changed, those of the proposal taken over with it not counted
 */
export function provenanceOfDrawing(before: SliceProvenance, voxels: number, taken: Taken): SliceProvenance {
  const kept = withoutDecision(before);
  return { ...kept, ...start(taken), editedVoxels: (kept.editedVoxels ?? 0) + voxels };
}

/** Says where a slice comes from after parts of a proposal became labels on it. */
export function provenanceOfTakeOver(before: SliceProvenance, taken: Taken): SliceProvenance {
  return { ...withoutDecision(before), ...start(taken) };
}

/**
 * Says where a slice comes from after it was accepted as it stands.
 * @param wasShown whether anybody has looked at it
 */
export function provenanceOfAcceptance(
  before: SliceProvenance,
  reviewer: Reviewer,
  taken: Taken,
  wasShown = true,
): SliceProvenance {
  const { source: _source, who: _who, unseen: _unseen, ...kept } = before;
  return {
    ...kept,
    ...start(taken),
    ...(reviewer.who !== undefined && { who: reviewer.who }),
    when: reviewer.when,
    ...(!wasShown && { unseen: true as const }),
  };
}

/** Says where a slice comes from after its acceptance was taken back. */
export function provenanceOfReopening(before: SliceProvenance): SliceProvenance {
  return withoutDecision(before);
}

export function sameProvenance(a: SliceProvenance, b: SliceProvenance): boolean {
  return (
    a.source === b.source &&
    a.modelVersion === b.modelVersion &&
    a.proposal === b.proposal &&
    a.editedVoxels === b.editedVoxels &&
    a.who === b.who &&
    a.when === b.when &&
    a.unseen === b.unseen &&
    a.adjudicatedWith === b.adjudicatedWith &&
    a.adjudication === b.adjudication
  );
}

/** Forgets who decided what, which is over; what the labels started from stays known. */
function withoutDecision(before: SliceProvenance): SliceProvenance {
  const { who: _who, when: _when, unseen: _unseen, source: _source, ...rest } = before;
  const { adjudicatedWith: _with, adjudication: _for, ...kept } = rest;
  return kept;
}

function start(taken: Taken): Pick<SliceProvenance, 'modelVersion' | 'proposal'> {
  return taken ? { modelVersion: taken.modelVersion, proposal: taken.id } : {};
}
