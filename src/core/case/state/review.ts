/**
 * What a person has decided about one slice (along the case's review axis).
 *
 * - `unreviewed`: nobody has looked; never trains.
 * - `edited`: drawn on but not finished; never trains.
 * - `accepted`: the label map is right on the whole slice, empty slices included; trains.
 *
 * "proposed" is not stored here: a slice is shown as proposed while it is unreviewed and the current proposal is
 * pending on it.
 */
export type SliceReviewState = 'unreviewed' | 'edited' | 'accepted';

/**
 * What happened to a proposal on one slice.
 *
 * - `partial`: some of its structures became labels (a component or a label was accepted), the rest still waits;
 * - `taken`: all of it became labels (accepted, or taken over by a first stroke).
 */
export type ProposalSliceState = 'pending' | 'partial' | 'taken' | 'rejected';

/** What a person decided about one structure of a proposal. Where it was accepted, labels say so. */
export type ProposalComponentState = 'pending' | 'rejected';

export interface ReviewTransition {
  readonly slice: number;
  readonly before: SliceReviewState;
  readonly after: SliceReviewState;
}

export interface ProposalTransition {
  /** Which proposal (see `Proposal.id`): undo after a newer prediction must not touch the newer one. */
  readonly proposalId: string;
  readonly slice: number;
  readonly before: ProposalSliceState;
  readonly after: ProposalSliceState;
}

export interface ComponentTransition {
  /** Which proposal (see `Proposal.id`). */
  readonly proposalId: string;
  /** Names the component: the lowest linear offset in it (see `componentAt`). */
  readonly firstVoxel: number;
  readonly before: ProposalComponentState;
  readonly after: ProposalComponentState;
}

/**
 * How a slice came to be what it is, as far as an edit of the document says it; undone and redone with the edit. What is
 * measured besides (`SliceFigures`) is no part of it. Times are ISO 8601 in UTC; all fields are absent where nothing is known.
 */
export interface SliceProvenance {
  /** The labels came complete with the label file; nobody reviewed them here. */
  readonly source?: 'imported';
  /** Version of the model whose proposal the labels started from. */
  readonly modelVersion?: number;
  /** That proposal (`Proposal.id`). */
  readonly proposal?: string;
  /** How many voxels strokes changed (each time anew), proposals taken over not counted. */
  readonly editedVoxels?: number;
  /** Who accepted the slice, and when. */
  readonly who?: string;
  readonly when?: string;
  /** It was accepted together with others, and nobody had looked at it (`CaseDocument.wasShown`). */
  readonly unseen?: true;
  /** The second reviewer whose labels the acceptance decided against or for. */
  readonly adjudicatedWith?: string;
  /** What was decided then: the slice as it was, as the second reviewer has it, or as it was drawn while deciding. */
  readonly adjudication?: 'mine' | 'theirs' | 'edited';
}

export interface ProvenanceTransition {
  readonly slice: number;
  readonly before: SliceProvenance;
  readonly after: SliceProvenance;
}
