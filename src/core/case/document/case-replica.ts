import { VoxelLoopError } from '../../errors.ts';
import type { ReadonlyLabelMap } from '../../label/label-map.ts';
import type { LabelTable } from '../../label/table/label-table.ts';
import { gestureEdit } from '../../tools/gesture-edit.ts';
import { type Gesture, isDragged } from '../../tools/known-tools.ts';
import type { GridPoint } from '../../tools/tool.ts';
import type { Proposal } from '../state/proposal.ts';
import type { ProposalSliceState, SliceReviewState } from '../state/review.ts';
import type { CaseDocument } from './case-document.ts';
import { editOfChange } from './document-change.ts';
import type { DocumentEdit } from './document-edit.ts';
import { planGesture } from './document-intents.ts';
import type { DocumentChange } from './document-schemas.ts';
import { LabelsAsShown } from './labels-as-shown.ts';

/** The host is at another revision than it tells of, so a change was missed. Ask for the whole document again. */
export class ReplicaOutOfStepError extends VoxelLoopError {
  readonly code = 'replica-out-of-step';
}

interface PendingStroke {
  readonly strokeId: number;
  readonly gesture: Gesture;
  /** It grows until the pointer goes up, in a gesture that is dragged; others have none. */
  readonly path: GridPoint[] | undefined;
  /** What the stroke did here, piece by piece, in that order. */
  edits: DocumentEdit[];
}

/**
 * An editor's copy of a document that somebody else owns. Strokes show at once (planned by the same code as the host's)
 * and stay pending until the host has put them in order. When the host tells of a change, pending strokes are rolled
 * back, the change is applied, and the strokes are planned anew on top; so every replica ends where the host is.
 *
 * The first error that it throws leaves it out of step: make a new one from a fresh `open`.
 */
export class CaseReplica {
  readonly #pending: PendingStroke[] = [];
  #revision: number;
  #nextStrokeId = 1;

  /**
   * @param document this editor's own: built from what the host answered, with the host's revision; it belongs to the
   * replica from now on (its own revision counter runs ahead, rollbacks included; see `revision`)
   */
  constructor(private readonly document: CaseDocument) {
    this.#revision = document.revision;
  }

  /** The host's revision that this replica knows of: strokes are drawn on it. */
  get revision(): number {
    return this.#revision;
  }

  /** Labels as they show, pending strokes included. */
  get labels(): ReadonlyLabelMap {
    return this.document.labels;
  }

  get table(): LabelTable {
    return this.document.table;
  }

  /** Review states as they show, pending strokes included. */
  get review(): readonly SliceReviewState[] {
    return this.document.review;
  }

  get proposal(): Proposal | null {
    return this.document.proposal;
  }

  /** The labels of the proposal without rejected components. */
  get proposedLabels(): ReadonlyLabelMap | null {
    return this.document.proposedLabels;
  }

  isProposed(slice: number): boolean {
    return this.document.isProposed(slice);
  }

  proposesLabelsOn(slice: number): boolean {
    return this.document.proposesLabelsOn(slice);
  }

  isRejected(slice: number): boolean {
    return this.document.isRejected(slice);
  }

  /** Returns what `look` says of the labels without pending strokes, as the host has told them. */
  withoutPending<Result>(look: (labels: ReadonlyLabelMap) => Result): Result {
    this.#rollBack(0);
    try {
      return look(this.document.labels);
    } finally {
      this.#reapply(0);
    }
  }

  /** So many strokes have not been answered by the host yet. */
  get pendingCount(): number {
    return this.#pending.length;
  }

  /**
   * Draws at once, with any tool. Send the stroke with the returned id when the pointer goes up; until then `extend`
   * may lengthen it. When it throws, nothing is drawn.
   * @throws InvalidGestureError
   * @throws InvalidIntentError
   * @throws ProposalMismatchError
   */
  draw(gesture: Gesture): number {
    const edit = planGesture(this.document, gesture);
    if (edit) this.document.apply(edit);
    const strokeId = this.#nextStrokeId++;
    const path = isDragged(gesture) ? [...gesture.path] : undefined;
    this.#pending.push({ strokeId, gesture, path, edits: edit ? [edit] : [] });
    return strokeId;
  }

  /**
   * Returns the labels that a gesture would write, without drawing it; a proposal that it would take over does not count.
   * @throws what `draw` throws
   */
  labelsWritten(gesture: Gesture): readonly number[] {
    const { planes } = this.document;
    const { runs } = gestureEdit({ planes, labels: new LabelsAsShown(this.document) }, gesture);
    return [...new Set(runs.map(({ after }) => after))];
  }

  /**
   * A pending stroke goes on through `points`. What it has drawn until then stays as it is, so that this takes as long
   * as the new piece is, however long the stroke: a voxel that the stroke has changed has its label already, and slices
   * that only the new piece covers are taken over now, before it is drawn. All of the stroke at once gives the same.
   * Unknown ids are ignored: the host has answered already.
   */
  extend(strokeId: number, points: readonly GridPoint[]): void {
    const index = this.#pending.findIndex((pending) => pending.strokeId === strokeId);
    const pending = this.#pending[index];
    if (!pending?.path || points.length === 0) return;
    const from = pending.path[pending.path.length - 1];
    // Strokes that were begun later lie on top of it.
    this.#rollBack(index + 1);
    this.#drawPiece(pending, [from, ...points]);
    for (const point of points) pending.path.push(point);
    this.#reapply(index + 1);
  }

  /**
   * Takes a change that the host has told of. When it throws, ask for the whole document again.
   * @param change its `strokeId`, if there is one, is one of this replica's strokes
   * @throws ReplicaOutOfStepError
   * @throws DocumentEditMismatchError
   * @throws LabelEditMismatchError
   * @throws InvalidLabelEditError
   */
  receive(change: DocumentChange): void {
    if (change.revision !== this.#revision + 1) {
      throw new ReplicaOutOfStepError(
        `The editor missed a change (it knows revision ${this.#revision} and heard of ${change.revision}). Reopen the file.`,
      );
    }
    this.#rollBack(0);
    const index = this.#pending.findIndex((pending) => pending.strokeId === change.strokeId);
    if (index >= 0) this.#pending.splice(index, 1);
    this.document.apply(editOfChange(change, this.document.table));
    this.#revision = change.revision;
    this.#reapply(0);
  }

  /**
   * Takes the host's answer to a stroke: done, refused, or without effect. A stroke that is pending still goes away;
   * calling it for one whose change was received does nothing.
   */
  settle(strokeId: number): void {
    const index = this.#pending.findIndex((pending) => pending.strokeId === strokeId);
    if (index < 0) return;
    this.#rollBack(index);
    this.#pending.splice(index, 1);
    this.#reapply(index);
  }

  /**
   * Takes a new proposal of the host, or none any more. Its voxels may take long to arrive: changes received meanwhile
   * count more than `states`. When it throws, the old one stays.
   * @param states of its slices when the host announced it; slices that are not named are pending
   * @throws ProposalMismatchError
   */
  setProposal(
    proposal: Proposal | null,
    states?: ReadonlyMap<number, ProposalSliceState>,
    rejectedComponents?: readonly number[],
  ): void {
    this.#rollBack(0);
    try {
      this.document.setProposal(proposal, states, rejectedComponents);
    } finally {
      this.#reapply(0);
    }
  }

  #rollBack(from: number): void {
    for (let n = this.#pending.length - 1; n >= from; n--) {
      const pending = this.#pending[n];
      for (const edit of pending.edits.reverse()) this.document.undo(edit);
      pending.edits = [];
    }
  }

  #reapply(from: number): void {
    for (const pending of this.#pending.slice(from)) this.#drawPiece(pending, pending.path);
  }

  /** @param path the piece of the gesture's path to draw; undefined where it has none */
  #drawPiece(pending: PendingStroke, path: readonly GridPoint[] | undefined): void {
    let edit: DocumentEdit | null;
    try {
      edit = planGesture(this.document, withPath(pending.gesture, path));
    } catch (error) {
      // A pending stroke may be impossible now (its label was undone): it shows nothing, and the host will refuse it.
      if (!(error instanceof VoxelLoopError)) throw error;
      return;
    }
    if (!edit) return;
    this.document.apply(edit);
    pending.edits.push(edit);
  }
}

function withPath(gesture: Gesture, path: readonly GridPoint[] | undefined): Gesture {
  return path && isDragged(gesture) ? { ...gesture, path } : gesture;
}
