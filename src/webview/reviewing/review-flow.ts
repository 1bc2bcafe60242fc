import type { ReviewIntent } from '../../core/case/document/document-schemas.ts';
import type { SlicePlane } from '../../core/geometry/slice-plane.ts';
import type { Vec3 } from '../../core/geometry/vector.ts';
import type { LabelTable } from '../../core/label/table/label-table.ts';
import type { ReviewAction } from '../actions/editor-action.ts';
import { acceptanceQuestion, type Question, unusableQuestion } from '../dialogue/question.ts';
import { waitingOnSlice } from '../layers/shown-labels.ts';
import type { OpenEditor } from '../looking/open-editor.ts';
import { paneOnPlane } from '../looking/pane-layout.ts';
import type { ViewAction } from '../looking/view-action.ts';
import { shownSlice } from '../looking/view-state.ts';
import type { Reviewed } from '../session/decisions.ts';
import type { DocumentSession } from '../session/document-session.ts';
import { doubtfulPlace } from './doubtful-place.ts';
import type { SliceStatus } from './review-summary.ts';
import { nextToReview } from './slice-queue.ts';

/** Reviewing needs this of the editor. */
export interface ReviewDesk {
  readonly session: DocumentSession;
  readonly open: OpenEditor | undefined;
  readonly labelTable: LabelTable;
  /** The statuses by slice along the review axis. */
  readonly statuses: readonly SliceStatus[];
  readonly waiting: readonly boolean[];
  readonly proposedWithLabels: readonly boolean[];
  readonly uncertainty: ArrayLike<number>;
  /** The voxel that the user points at: it is under the pointer or the crosshair, whichever moved last. */
  readonly pointedVoxel: Vec3 | undefined;
  readonly heldOut: boolean;
  /**
   * The reason, as a sentence, why nothing in the image can be labelled; it is undefined if something can, or nothing
   * is known yet.
   */
  readonly unusable: string | undefined;
  isProposedAt(voxel: Vec3): boolean;
  /**
   * Notes that the user decides about the slice along the review axis that is on the screen, and so has looked at it.
   */
  lookedAt(): void;
  /** Resolves to the id of a choice, or to undefined if the user cancelled. */
  ask(question: Question): Promise<string | undefined>;
  /** Waits until strokes have become edits, because a decision is about them too. */
  settleStrokes(): Promise<void>;
  /** The reason, as a sentence, why nothing can be decided before what was drawn is worked out. */
  readonly whyWait: string | undefined;
  applyView(action: ViewAction): void;
  notify(text: string, severity: 'info'): void;
  announce(text: string): void;
  tellError(error: unknown): void;
  /** Is called when the marked range has changed. */
  rangeChanged(): void;
}

/** Slices along the review axis, both included. */
export interface SliceRange {
  readonly from: number;
  readonly to: number;
}

/**
 * Decides about slices and structures, and goes on to the next. Decisions are made one after the other: the second of
 * two quick ones is about the slice that the first went on to.
 */
export class ReviewFlow {
  #turn: Promise<void> = Promise.resolve();
  /** The marked range starts at this slice; it ends at the slice that is shown. */
  #rangeStart: number | undefined;
  /** The user has seen these slices of the proposal and left them undecided. */
  readonly #passed = new Set<number>();
  #proposalId: string | undefined;
  /** The user has agreed to accept slices of an image with nothing in it, which is asked once. */
  #acceptsUnusable = false;

  constructor(private readonly desk: ReviewDesk) {}

  /** The marked range; it is undefined if none is marked. */
  get range(): SliceRange | undefined {
    const { open } = this.desk;
    if (!open || this.#rangeStart === undefined) return undefined;
    const shown = shownSlice(open.view, reviewPlane(open));
    return { from: Math.min(this.#rangeStart, shown), to: Math.max(this.#rangeStart, shown) };
  }

  markRange(): void {
    const { open } = this.desk;
    if (!open) return;
    if (this.#rangeStart !== undefined) {
      this.clearRange();
      this.desk.announce('Range ended');
      return;
    }
    this.#rangeStart = shownSlice(open.view, reviewPlane(open));
    this.desk.announce(`Range starts at slice ${this.#rangeStart + 1}`);
    this.desk.rangeChanged();
  }

  extendRange(slice: number): void {
    const { open } = this.desk;
    if (!open) return;
    const plane = reviewPlane(open);
    this.#rangeStart ??= shownSlice(open.view, plane);
    this.desk.applyView({ kind: 'go-to-slice', plane: plane.name, slice });
    this.desk.rangeChanged();
  }

  clearRange(): void {
    if (this.#rangeStart === undefined) return;
    this.#rangeStart = undefined;
    this.desk.rangeChanged();
  }

  /**
   * @param slice the slice to decide about; without it, the marked range or else the slice that is shown
   * @param inPage true if the user decides in front of the slice, with a key or a button; other extensions can run
   * commands too
   */
  review(action: ReviewAction, slice: number | undefined, inPage: boolean): void {
    // The decision is about what is on the screen now, not when its turn comes.
    const seen = this.desk.session.shownProposalId;
    this.inTurn(() => this.#review(action, slice, seen, inPage));
  }

  /** The key asks for the next slice; where this case is done, the host is asked for the next case. */
  next(): void {
    this.inTurn(async () => {
      if (this.#goToNext() === 'case-done') this.desk.session.command('next-to-review');
    });
  }

  /** Runs a decision when all earlier ones are done. */
  inTurn(decide: () => Promise<void>): void {
    this.#turn = this.#turn.then(decide).catch((error: unknown) => this.desk.tellError(error));
  }

  async #review(action: ReviewAction, slice: number | undefined, seen: string | null, inPage: boolean): Promise<void> {
    const { open } = this.desk;
    if (!open) return;
    if (open.snapshot.readOnlyReason) {
      this.desk.notify(open.snapshot.readOnlyReason, 'info');
      return;
    }
    // A region that nobody has seen yet must not be accepted.
    if (this.desk.whyWait !== undefined) {
      this.desk.notify(this.desk.whyWait, 'info');
      return;
    }
    await this.desk.settleStrokes();
    if (action === 'accept-component' || action === 'reject-component' || action === 'accept-label') {
      await this.#reviewStructure(action, open, seen);
    } else {
      await this.#reviewSlices(action, slice, open, seen, inPage);
    }
  }

  async #reviewSlices(
    action: Exclude<ReviewAction, 'accept-component' | 'reject-component' | 'accept-label'>,
    slice: number | undefined,
    { snapshot, view, planes }: OpenEditor,
    seen: string | null,
    inPage: boolean,
  ): Promise<void> {
    const plane = planes[snapshot.reviewPlane];
    const shown = shownSlice(view, plane);
    const isWhole = action === 'accept-all' || action === 'reject-all';
    const at = slice ?? shown;
    const { from, to } = isWhole
      ? { from: 0, to: plane.sliceCount - 1 }
      : ((slice === undefined ? this.range : undefined) ?? { from: at, to: at });
    if (action === 'reject-slice' && !this.desk.waiting.slice(from, to + 1).includes(true)) {
      this.desk.notify(
        from === to
          ? 'There is no proposal on this slice to reject.'
          : 'There is no proposal on these slices to reject.',
        'info',
      );
      return;
    }
    const accepts = action === 'accept-slice' || action === 'accept-all';
    const wasRejected = accepts && from === to && this.desk.statuses[from] === 'rejected';
    if (accepts && !(await this.#meansUnusable())) return;
    if (accepts && inPage && from <= shown && shown <= to) this.desk.lookedAt();
    const [reviewed, how] = await this.#decide({ action: SLICES_ACTION[action], from, to }, seen);
    if (reviewed.came === 'refused' || reviewed.came === 'asked') return;
    this.clearRange();
    const { open: now } = this.desk;
    if (!now) return;
    const goesOn = action === 'reject-slice' || (action === 'accept-slice' && now.view.advanceAfterAccept);
    const said = how === 'leave' ? 'Accepted but for the doubtful slices' : slicesText(action, from, to);
    // The view moves on only if the user is still where they decided: they may have scrolled on already.
    if (goesOn && shownSlice(now.view, plane) === (slice ?? shown)) this.#goToNext(said);
    else this.desk.announce(said);
    if (reviewed.says !== undefined) this.desk.notify(reviewed.says, 'info');
    else if (wasRejected) {
      this.desk.notify(`Slice ${from + 1} is accepted as it stands, without the proposal that was rejected.`, 'info');
    }
  }

  async #meansUnusable(): Promise<boolean> {
    const { unusable } = this.desk;
    if (unusable === undefined || this.#acceptsUnusable) return true;
    this.#acceptsUnusable = (await this.desk.ask(unusableQuestion(unusable))) === 'accept';
    return this.#acceptsUnusable;
  }

  /**
   * Asks the user where the host would ask; the decision is then about the labels that were counted for the question.
   */
  async #decide(
    intent: Extract<ReviewIntent, { readonly from: number }>,
    seen: string | null,
  ): Promise<readonly [Reviewed, 'accept' | 'leave' | undefined]> {
    const reviewed = await this.desk.session.decisions.review(intent, seen);
    if (reviewed.came !== 'asked') return [reviewed, undefined];
    const choice = await this.desk.ask(acceptanceQuestion(reviewed.figures, this.desk.heldOut));
    if (choice !== 'accept' && choice !== 'leave') return [reviewed, undefined];
    const decided = await this.desk.session.decisions.review({ ...intent, doubtful: choice }, seen, reviewed.revision);
    return [decided, choice];
  }

  async #reviewStructure(
    action: 'accept-component' | 'reject-component' | 'accept-label',
    { view }: OpenEditor,
    seen: string | null,
  ): Promise<void> {
    const intent = this.#structureIntent(action, view.activeLabel);
    if (!intent) {
      this.desk.notify('There is no proposed structure here. Point at one, or move the crosshair into it.', 'info');
      return;
    }
    const { came } = await this.desk.session.decisions.review(intent, seen);
    const name = this.desk.labelTable[view.activeLabel]?.name ?? '';
    if (came === 'nothing') this.desk.notify(`Nothing of the proposal waits for the label ${name}.`, 'info');
    else if (came === 'done') this.desk.announce(action === 'accept-label' ? `Label ${name} accepted` : SAID[action]);
  }

  #structureIntent(
    action: 'accept-component' | 'reject-component' | 'accept-label',
    label: number,
  ): ReviewIntent | undefined {
    if (action === 'accept-label') return { action, label };
    const voxel = this.desk.pointedVoxel;
    if (!voxel || !this.desk.isProposedAt(voxel)) return undefined;
    return { action, voxel: [voxel[0], voxel[1], voxel[2]] };
  }

  #goToNext(said?: string): 'went' | 'last' | 'case-done' {
    const { open, statuses, waiting, proposedWithLabels: labelled, uncertainty } = this.desk;
    if (!open) return 'last';
    this.#forgetOldProposal(open);
    const plane = reviewPlane(open);
    const from = shownSlice(open.view, plane);
    if (waiting[from]) this.#passed.add(from);
    if (waiting.every((waits, slice) => !waits || this.#passed.has(slice))) this.#passed.clear();
    const next = nextToReview({ statuses, waiting, labelled, uncertainty, passed: this.#passed }, from);
    const before = said ? `${said}. ` : '';
    if (next === undefined) {
      const isDone = statuses[from] === 'accepted';
      const text = isDone ? 'All slices of this case are accepted.' : 'This is the last slice to review.';
      this.desk.notify(text, 'info');
      this.desk.announce(`${before}${text}`);
      return isDone ? 'case-done' : 'last';
    }
    this.#show(next, plane);
    this.desk.announce(`${before}Slice ${next + 1}, ${statuses[next]}`);
    return 'went';
  }

  /** Goes to a slice, and there to the place that is least certain. */
  #show(slice: number, plane: SlicePlane): void {
    const { open, session } = this.desk;
    const replica = session.phase.kind === 'open' ? session.phase.replica : undefined;
    const layer = replica && waitingOnSlice(replica, plane, slice);
    const place = layer && doubtfulPlace(layer, plane, slice, open?.snapshot.proposal?.components ?? []);
    const pane = open && paneOnPlane(open.view, plane.name);
    if (pane) this.desk.applyView({ kind: 'activate-pane', pane: pane.id });
    this.desk.applyView(
      place ? { kind: 'show-place', plane: plane.name, ...place } : { kind: 'go-to-slice', plane: plane.name, slice },
    );
  }

  #forgetOldProposal({ snapshot }: OpenEditor): void {
    if (snapshot.proposal?.id === this.#proposalId) return;
    this.#proposalId = snapshot.proposal?.id;
    this.#passed.clear();
  }
}

function reviewPlane({ planes, snapshot }: OpenEditor): SlicePlane {
  return planes[snapshot.reviewPlane];
}

const SLICES_ACTION = {
  'accept-slice': 'accept-slices',
  'accept-all': 'accept-slices',
  'reject-slice': 'reject-slices',
  'reject-all': 'reject-slices',
  'unaccept-slice': 'unaccept-slices',
} as const;

const SAID = {
  'accept-component': 'Component accepted',
  'reject-component': 'Component rejected',
} as const;

function slicesText(action: keyof typeof SLICES_ACTION, from: number, to: number): string {
  if (action === 'accept-all') return 'All slices accepted';
  if (action === 'reject-all') return 'Whole proposal rejected';
  const slices = from === to ? `slice ${from + 1}` : `slices ${from + 1} to ${to + 1}`;
  if (action === 'reject-slice') return `Proposal on ${slices} rejected`;
  if (action === 'unaccept-slice') return `Acceptance of ${slices} taken back`;
  return `${slices[0].toUpperCase()}${slices.slice(1)} accepted`;
}
