import { largestPiece, middleOfPiece } from '../../core/case/document/disagreement.ts';
import { planeVoxel, type SlicePlane, voxelOnPlane } from '../../core/geometry/slice-plane.ts';
import type { Vec3 } from '../../core/geometry/vector.ts';
import type { OpenEditor } from '../looking/open-editor.ts';
import type { ViewAction } from '../looking/view-action.ts';
import { shownSlice } from '../looking/view-state.ts';
import type { DocumentSession } from '../session/document-session.ts';
import { nextDisagreement, type SecondReview } from './second-review.ts';

/** Deciding between two reviewers needs this of the editor. */
export interface AdjudicationDesk {
  readonly session: DocumentSession;
  readonly open: OpenEditor | undefined;
  settleStrokes(): Promise<void>;
  readonly whyWait: string | undefined;
  applyView(action: ViewAction): void;
  /**
   * Notes that the user decides about the slice along the review axis that is on the screen, and so has looked at it.
   */
  lookedAt(): void;
  notify(text: string, severity: 'info'): void;
  announce(text: string): void;
}

/** The number of differing voxels by slice along the review axis, and the slices that are to be decided. */
export interface Disagreements {
  readonly counts: readonly number[];
  readonly open: readonly number[];
}

/** Decides between two reviewers' labels slice by slice, and goes from one disagreement to the next. */
export class AdjudicationFlow {
  /** `next` went to this slice last: asked again there, it goes on to the one after it. */
  #last: number | undefined;

  constructor(
    private readonly desk: AdjudicationDesk,
    private readonly secondReview: SecondReview,
  ) {}

  /** The disagreements. They are undefined without a second reviewer, and until the labels are here. */
  get disagreements(): Disagreements | undefined {
    const { phase } = this.desk.session;
    if (phase.kind !== 'open' || !phase.replica) return undefined;
    const { normalAxis } = phase.planes[phase.snapshot.reviewPlane];
    const counts = this.secondReview.counts(phase.replica, normalAxis);
    const open = this.secondReview.open(phase.replica, normalAxis);
    return counts && open && { counts, open };
  }

  /**
   * @param id the reviewer whose labels were on the screen (`SecondReviewerSummary.id`); undefined if nobody's were
   * @param inPage see `ReviewFlow.review`
   */
  async decide(take: 'mine' | 'theirs' | 'theirs-here', id: string | undefined, inPage: boolean): Promise<void> {
    const { open, session } = this.desk;
    if (!open || !this.#hasSecondReview() || id === undefined) return;
    if (open.snapshot.readOnlyReason) {
      this.desk.notify(open.snapshot.readOnlyReason, 'info');
      return;
    }
    if (this.desk.whyWait !== undefined) {
      this.desk.notify(this.desk.whyWait, 'info');
      return;
    }
    await this.desk.settleStrokes();
    const plane = open.planes[open.snapshot.reviewPlane];
    const slice = shownSlice(open.view, plane);
    if (take === 'theirs-here') {
      const voxel: [number, number, number] = [...open.view.crosshair];
      if (!this.#differAt(plane, voxel)) {
        this.desk.notify('The two agree under the crosshair. Put it on a hatched piece first.', 'info');
        return;
      }
      if (await session.decisions.adjudicate({ take, voxel }, id)) this.desk.announce('Piece taken over');
      return;
    }
    if (inPage) this.desk.lookedAt();
    if (!(await session.decisions.adjudicate({ take, slice }, id))) return;
    const { open: now } = this.desk;
    const said = take === 'mine' ? `Kept mine on slice ${slice + 1}` : `Took theirs on slice ${slice + 1}`;
    if (now?.view.advanceAfterAccept && shownSlice(now.view, plane) === slice) this.next(said);
    else this.desk.announce(`${said}, ${this.secondReview.summary?.reviewer ?? ''}`);
  }

  next(said?: string): void {
    const { disagreements } = this;
    const { open } = this.desk;
    if (!open || !this.#hasSecondReview() || !disagreements) return;
    const plane = open.planes[open.snapshot.reviewPlane];
    const from = shownSlice(open.view, plane);
    const next = nextDisagreement(disagreements.open, from === this.#last ? from : undefined);
    if (next === undefined) {
      const text = disagreements.counts.some((count) => count > 0)
        ? 'Every slice on which the two differ is decided.'
        : 'The two agree on every slice.';
      this.desk.notify(text, 'info');
      this.desk.announce(said ? `${said}. ${text}` : text);
      return;
    }
    this.#last = next;
    this.desk.applyView({ kind: 'move-crosshair', voxel: this.#middle(plane, next) });
    this.desk.announce(`${said ? `${said}. ` : ''}Slice ${next + 1}, ${disagreements.counts[next]} voxels differ`);
  }

  #differAt(plane: SlicePlane, voxel: Vec3): boolean {
    const { slice, column, row } = voxelOnPlane(plane, voxel);
    return this.#layer(plane, slice)?.data[column + plane.columns * row] !== 0;
  }

  /** Returns a voxel of the largest piece of disagreement on a slice. */
  #middle(plane: SlicePlane, slice: number): Vec3 {
    const layer = this.#layer(plane, slice);
    const piece = layer && largestPiece(layer.data, plane);
    const [column, row] = piece ? middleOfPiece(piece, plane.columns) : [0, 0];
    return planeVoxel(plane, slice, column, row);
  }

  #layer(plane: SlicePlane, slice: number) {
    const { phase } = this.desk.session;
    const replica = phase.kind === 'open' ? phase.replica : undefined;
    return replica && this.secondReview.layer(replica, plane, slice);
  }

  #hasSecondReview(): boolean {
    if (this.secondReview.summary) return true;
    this.desk.notify('No second reviewer is shown. Run "Voxel Loop: Show Second Reviewer..." first.', 'info');
    return false;
  }
}
