/**
 * What a person has decided about one slice (along the case's review axis).
 *
 * - `unreviewed`: nobody has looked; it never trains.
 * - `edited`: it was drawn on but is not finished; it never trains.
 * - `accepted`: the label map is right on the whole slice, empty slices included; it trains.
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
  /**
   * The proposal (see `Proposal.id`). It is named because undo after a newer prediction must not touch the newer one.
   */
  readonly proposalId: string;
  readonly slice: number;
  readonly before: ProposalSliceState;
  readonly after: ProposalSliceState;
}

export interface ComponentTransition {
  /** The proposal (see `Proposal.id`). */
  readonly proposalId: string;
  /** The lowest linear offset in the component, which names it (see `componentAt`). */
  readonly firstVoxel: number;
  readonly before: ProposalComponentState;
  readonly after: ProposalComponentState;
}

/**
 * How a slice came to be what it is, as far as an edit of the document says it; it is undone and redone with the edit.
 * What is measured besides (`SliceFigures`) is no part of it. Times are ISO 8601 in UTC; all fields are absent where
 * nothing is known.
 */
export interface SliceProvenance {
  /** The labels came complete with the label file; nobody reviewed them here. */
  readonly source?: 'imported';
  /** The labels started from the proposal of this model version. */
  readonly modelVersion?: number;
  /** The proposal that the labels started from (`Proposal.id`). */
  readonly proposal?: string;
  /** So many voxels were changed by strokes (counted each time anew); proposals taken over do not count. */
  readonly editedVoxels?: number;
  /** The person who accepted the slice; `when` says when. */
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
