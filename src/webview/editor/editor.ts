import type { PlaneName, SlicePlane } from '../../core/geometry/slice-plane.ts';
import type { Vec3 } from '../../core/geometry/vector.ts';
import type { PayloadOf } from '../../core/protocol/contract.ts';
import type { EditorContract, PlaceToShow } from '../../core/protocol/editor-contract.ts';
import type { MessageChannelPort } from '../../core/protocol/endpoint.ts';
import { toolOf } from '../../core/tools/known-tools.ts';
import type { EditorAction } from '../actions/editor-action.ts';
import { actionForPalette } from '../actions/palette-actions.ts';
import { Asking } from '../dialogue/asking.ts';
import { EditorVoice } from '../dialogue/editor-voice.ts';
import type { Question } from '../dialogue/question.ts';
import { CrosshairPen } from '../drawing/crosshair-pen.ts';
import { Drawing, type Meaning } from '../drawing/drawing.ts';
import { ENDS_STROKE } from '../drawing/ends-stroke.ts';
import type { Notice } from '../looking/open-editor.ts';
import { activePlane, planesOf, shownPanes } from '../looking/pane-layout.ts';
import type { PaneStateKind } from '../looking/pane-state.ts';
import type { ViewAction } from '../looking/view-action.ts';
import { NAVIGATE, shownSlice, type ViewState } from '../looking/view-state.ts';
import type { PlanePoint } from '../looking/viewport.ts';
import { AdjudicationFlow, type Disagreements } from '../reviewing/adjudication-flow.ts';
import { LookWatch, type ShownSlice } from '../reviewing/look-watch.ts';
import { ReviewFlow, type SliceRange } from '../reviewing/review-flow.ts';
import { SecondReview } from '../reviewing/second-review.ts';
import type { DocumentPhase } from '../session/document-phase.ts';
import { DocumentSession } from '../session/document-session.ts';
import { HOST_IS_SILENT, STROKE_FOR_NOTHING } from '../session/session-words.ts';
import type { UnsentStore } from '../session/unsent-work.ts';
import { ImageSupply } from '../slices/image-supply.ts';
import type { SliceKey } from '../slices/slice-cache.ts';
import { crosshairDesk, type DeskSource, drawingDesk, reviewDesk } from './desks.ts';
import { whyNotDraw } from './document-facts.ts';
import { EditorView, type ViewStore } from './editor-view.ts';
import { performAction } from './perform-action.ts';
import { ShownDocument } from './shown-document.ts';

/**
 * Says what changed. `view` is how the document is looked at; `document` is labels, review, proposal and names; `image`
 * means that a slice or its window arrived; `hover` means that the pointer is over another voxel; `status` is
 * everything else (phase, messages, progress).
 */
export type EditorTopic = 'view' | 'document' | 'image' | 'hover' | 'status';

/**
 * The model behind all elements of one editor: the document's session, how it is looked at, and what each action does.
 * Elements read it, send it actions, and render again when it says what changed. It knows no DOM.
 */
export class Editor extends ShownDocument {
  readonly #session: DocumentSession;
  readonly #listeners = new Set<(topic: EditorTopic) => void>();
  readonly #view: EditorView;
  override readonly secondReview: SecondReview;
  readonly #voice: EditorVoice;
  readonly #drawing: Drawing;
  readonly #pen: CrosshairPen;
  readonly #reviewing: ReviewFlow;
  readonly #adjudicating: AdjudicationFlow;
  readonly #asking = new Asking(() => this.#tell('status'));
  readonly #looks = new LookWatch(
    () => this.#lookedAt(),
    ({ slice, proposalId }) => this.#session.shown(slice, proposalId),
    () => performance.now(),
  );
  #isVisible = true;
  #firstSliceShown = false;
  #helpOpen = false;
  #hover: { readonly plane: PlaneName; readonly voxel: Vec3 } | undefined;
  /** The user points with what moved last. */
  #pointsWith: 'pointer' | 'crosshair' = 'crosshair';
  #status: PayloadOf<EditorContract, 'status'> | undefined;
  #loadFraction: number | undefined;
  /** This place was asked for before the document was open. */
  #placeToShow: PlaceToShow | undefined;

  constructor(
    port: MessageChannelPort,
    store: ViewStore,
    paneKinds: readonly PaneStateKind[],
    /** Here, what the host did not acknowledge outlives this page; without it, nothing does. */
    unsent?: UnsentStore,
  ) {
    super();
    this.#view = new EditorView(store, paneKinds);
    this.#voice = new EditorVoice(
      () => this.#tell('status'),
      (defect) => this.#session.reportDefect(defect),
    );
    this.#session = new DocumentSession(
      port,
      {
        phaseChanged: () => this.#phaseChanged(),
        documentChanged: (change) => this.#documentChanged(change !== undefined),
        shownSlices: () => this.slicesOnScreen,
        hostChanged: () => this.#tell('status'),
        notice: (text, severity) => this.notify(text, severity),
        unanswered: (query) => void this.#drawing.resume(query),
        defect: (error) => this.reportDefect(error),
      },
      {
        'on:loadProgress': ({ fraction }) => {
          this.#loadFraction = fraction >= 1 ? undefined : fraction;
          this.#tell('status');
        },
        'on:status': (status) => {
          this.#status = status;
          this.#tell('status');
        },
        settle: async () => {
          this.#drawing.commit();
          await this.#drawing.workedOut();
          await this.#session.allAnswered();
          return {};
        },
        'on:perform': ({ action }) => this.dispatch(actionForPalette(action), 'command'),
        'on:secondReviewerChanged': ({ secondReviewer }) => {
          this.secondReview.show(secondReviewer);
          this.#loadSecondReview();
        },
        'on:goTo': (place) => {
          this.#placeToShow = place;
          this.#showPlace();
        },
      },
      unsent && { store: unsent, view: () => this.#view.state },
    );
    this.secondReview = new SecondReview(
      this.#session,
      () => this.#tell('document'),
      (error) => this.#voice.tellError(error),
    );
    const source = this.#deskSource();
    this.#drawing = new Drawing(drawingDesk(source));
    this.#pen = new CrosshairPen(crosshairDesk(source, this.#drawing));
    const desk = reviewDesk(source, this.#drawing);
    this.#reviewing = new ReviewFlow(desk);
    this.#adjudicating = new AdjudicationFlow(desk, this.secondReview);
    this.#session.start();
  }

  // ------------------------------------------------------------------ reading

  override get phase(): DocumentPhase {
    return this.#session.phase;
  }

  protected override get view(): ViewState | undefined {
    return this.#view.state;
  }

  get notice(): Notice | undefined {
    return this.#voice.notice;
  }

  /** The text that a screen reader shall say. */
  get announcement(): string {
    return this.#voice.announcement;
  }

  get helpOpen(): boolean {
    return this.#helpOpen;
  }

  /** The question that the user has to answer before anything else; it is undefined if there is none. */
  get question(): Question | undefined {
    return this.#asking.question;
  }

  get hover(): { readonly plane: PlaneName; readonly voxel: Vec3 } | undefined {
    return this.#hover;
  }

  /** The status is undefined until the host has told it. */
  get status(): PayloadOf<EditorContract, 'status'> | undefined {
    return this.#status;
  }

  /** The share of the volume that is loaded, 0 to 1; it is undefined if all is loaded, or nothing is known. */
  get loadFraction(): number | undefined {
    return this.#loadFraction;
  }

  /** The slices that are marked to be decided about together. */
  get range(): SliceRange | undefined {
    return this.#reviewing.range;
  }

  /** The reason, as a sentence, why nothing can be drawn right now; it is undefined if drawing is possible. */
  get whyNotDraw(): string | undefined {
    return this.#session.hostAnswers ? whyNotDraw(this.phase) : HOST_IS_SILENT;
  }

  /**
   * The number of strokes that the host has not acknowledged, while it does not answer; it is undefined if the host
   * answers.
   */
  get hostSilence(): { readonly unsentStrokes: number } | undefined {
    return this.#session.hostAnswers ? undefined : { unsentStrokes: this.#session.unsentStrokes };
  }

  /**
   * The number of voxels that the second reviewer has otherwise, by slice along the review axis, and the slices that
   * are to be decided.
   */
  get disagreements(): Disagreements | undefined {
    return this.#adjudicating.disagreements;
  }

  subscribe(listener: (topic: EditorTopic) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  // ------------------------------------------------------------------ drawing

  /** Begins a stroke with the pointer down at `point`. It returns whether one began; if not, the user was told why. */
  beginStroke(plane: SlicePlane, point: PlanePoint, meaning: Meaning): boolean {
    return this.#drawing.begin(plane, point, meaning);
  }

  /** @param pressed whether the pointer is down */
  moveStroke(points: readonly PlanePoint[], pressed: boolean): void {
    this.#drawing.move(points, pressed);
  }

  /** The pointer went up: as a rule, the stroke becomes an edit of the document. */
  releaseStroke(): void {
    this.#drawing.release();
  }

  /** Tells whether the open stroke took the key. */
  strokeKey(key: string): boolean {
    return this.#drawing.key(key);
  }

  /** Tells whether a stroke is open. */
  get isDrawing(): boolean {
    return this.#drawing.isOpen;
  }

  /** Tells whether labels are being taken away by the open stroke, or else by the tool in hand. */
  get isErasing(): boolean {
    const tool = this.view?.tool ?? NAVIGATE;
    const label = this.#drawing.label;
    return label === undefined ? tool !== NAVIGATE && toolOf(tool).erases : label === 0;
  }

  cancelStroke(): void {
    this.#drawing.cancel();
  }

  stopWork(): void {
    this.#drawing.stopWork();
  }

  /** What is being worked out for a tool that looks at the image; it is undefined if nothing is. */
  get work(): Drawing['work'] {
    return this.#drawing.work;
  }

  /** Tells whether undo or save must wait for a stroke (see `dispatch` of host commands). */
  get hasOpenStrokes(): boolean {
    return this.#drawing.isUnsettled;
  }

  // ------------------------------------------------------------------ acting

  /**
   * @param from `command` if VS Code runs it, which other extensions can do as well; `page` if the user asked for it on
   * the screen
   */
  dispatch(action: EditorAction, from: 'page' | 'command' = 'page'): void {
    performAction(action, from === 'page', {
      session: this.#session,
      drawing: this.#drawing,
      pen: this.#pen,
      reviewing: this.#reviewing,
      adjudicating: this.#adjudicating,
      secondReview: this.secondReview,
      reviewSlice: this.reviewSlice,
      applyView: (change) => this.#applyView(change),
      escape: () => this.#escape(),
      toggleHelp: () => this.#toggleHelp(),
    });
  }

  /** Tells the host's clock that somebody works on a slice along the review axis. */
  reportActivity(slice: number): void {
    this.#session.activity(slice);
  }

  /** Moves the crosshair in the active plane by columns and rows of the screen; a pen that is down at it draws. */
  nudgeCrosshair(columns: number, rows: number): void {
    this.#pen.nudge(columns, rows);
  }

  /** @param choice the id of the choice; undefined to cancel */
  answer(choice: string | undefined): void {
    this.#asking.answer(choice);
  }

  /** Tells the editor whether the page is on the screen. */
  setVisible(isVisible: boolean): void {
    this.#isVisible = isVisible;
    this.#looks.changed();
  }

  setHover(plane: PlaneName, voxel: Vec3 | undefined): void {
    const before = this.#hover;
    if (!voxel && before?.plane !== plane) return;
    if (voxel && before && before.plane === plane && voxel.every((value, axis) => value === before.voxel[axis])) return;
    this.#hover = voxel ? { plane, voxel } : undefined;
    this.#pointsWith = voxel ? 'pointer' : 'crosshair';
    this.#tell('hover');
  }

  notify(text: string, severity: Notice['severity']): void {
    this.#voice.notify(text, severity);
  }

  dismissNotice(): void {
    this.#voice.dismissNotice();
  }

  /** Reports a defect to the log, and the same defect only once. */
  reportDefect(error: unknown): void {
    this.#voice.reportDefect(error);
  }

  /** A plane was drawn with its image: the host measures the time from opening to the first one. */
  imageShown(): void {
    if (this.#firstSliceShown) return;
    this.#firstSliceShown = true;
    this.#session.firstSliceShown();
  }

  /** The page may end: an open stroke ends too, and what the host has not acknowledged is kept for the next page. */
  leave(): void {
    this.#drawing.commit();
    this.#session.leave(this.#drawing.unanswered);
  }

  close(): void {
    this.#asking.answer(undefined);
    this.#looks.close();
    this.images?.close();
    this.#session.close();
    this.#listeners.clear();
  }

  // ------------------------------------------------------------------ inside

  #phaseChanged(): void {
    const { phase } = this;
    if (phase.kind === 'open') {
      if (!phase.replica) {
        this.#asking.answer(undefined);
        this.#looks.startOver();
        // The document was opened, or started over, so the image may be another one.
        this.#view.restore(phase.snapshot, this.#session.leftView);
        if (this.#drawing.forget()) this.notify(STROKE_FOR_NOTHING, 'error');
        this.#startLoading();
      }
      this.#keepActiveLabel();
    }
    this.shownLabels.invalidate();
    this.secondReview.invalidate(true);
    this.#tell('status');
    this.#tell('document');
    this.#showPlace();
    this.#loadSecondReview();
  }

  #showPlace(): void {
    const { open } = this;
    const place = this.#placeToShow;
    if (!open || !place) return;
    this.#placeToShow = undefined;
    const { voxel, extentVoxels } = place;
    const { reviewPlane } = open.snapshot;
    this.#applyView({ kind: 'show-place', plane: reviewPlane, voxel, ...(extentVoxels && { extentVoxels }) });
  }

  #startLoading(): void {
    this.images?.close();
    this.images = new ImageSupply(
      this.#session,
      (key) => {
        if (!key || this.#isShown(key)) this.#tell('image');
        // The sentences about the image's values stand beside it.
        if (!key) this.#tell('status');
      },
      (key, error) => {
        if (!key || this.#isShown(key)) this.#voice.tellError(error);
      },
    );
    this.#want();
  }

  #isShown(key: SliceKey): boolean {
    const { open } = this;
    return open !== undefined && shownSlice(open.view, open.planes[key.plane]) === key.index;
  }

  #want(): void {
    const { open } = this;
    if (open) this.images?.want(open.view, open.planes);
  }

  #applyView(action: ViewAction, keepsStroke = false): void {
    const { open } = this;
    if (!open) return;
    const { snapshot, planes, view } = open;
    // A stroke belongs to the slice and the tool that it began with.
    if (this.#drawing.isOpen && !keepsStroke && ENDS_STROKE.has(action.kind)) this.#drawing.commit();
    const after = this.#view.apply(action, view, snapshot, planes, this.labelTable);
    if (after === view) return;
    const moved = after.crosshair !== view.crosshair || after.timeIndex !== view.timeIndex;
    if (moved) this.#pointsWith = 'crosshair';
    if (moved || after.layout !== view.layout || after.activePane !== view.activePane) this.#want();
    if (moved) this.#announceSlice(after, view);
    this.#tell('view');
  }

  #announceSlice(after: ViewState, before: ViewState): void {
    const { open } = this;
    if (!open) return;
    const plane = open.planes[activePlane(after)];
    const slice = shownSlice(after, plane);
    if (slice === shownSlice(before, plane)) return;
    const status = plane.name === open.snapshot.reviewPlane ? `, ${this.statuses[slice]}` : '';
    this.#voice.announce(`${plane.name} slice ${slice + 1} of ${plane.sliceCount}${status}`);
  }

  #documentChanged(fromHost: boolean): void {
    this.shownLabels.invalidate();
    if (fromHost) this.secondReview.edited();
    else this.secondReview.invalidate(!this.hasOpenStrokes);
    if (fromHost) this.#keepActiveLabel();
    this.#tell('document');
  }

  #keepActiveLabel(): void {
    if (this.#view.keepActiveLabel(this.labelTable)) this.#tell('view');
  }

  #deskSource(): DeskSource {
    const editor = this;
    return {
      editor,
      session: this.#session,
      voice: this.#voice,
      asking: this.#asking,
      get view() {
        return editor.view;
      },
      get pointedVoxel() {
        return editor.#pointsWith === 'pointer' ? editor.#hover?.voxel : editor.view?.crosshair;
      },
      get heldOut() {
        return editor.#status?.heldOut ?? false;
      },
      applyView: (action, keepsStroke) => this.#applyView(action, keepsStroke),
      drawn: () => this.#documentChanged(false),
      workChanged: () => this.#tell('status'),
      lookedAt: () => {
        const shown = this.#shownSlice();
        if (shown) this.#looks.decided(shown);
      },
      rangeChanged: () => this.#tell('view'),
    };
  }

  #loadSecondReview(): void {
    const { phase } = this;
    if (phase.kind === 'open' && phase.replica) void this.secondReview.load();
  }

  #escape(): void {
    if (this.#drawing.isOpen) this.cancelStroke();
    else if (this.work) this.stopWork();
    else if (this.#helpOpen) this.#toggleHelp();
    else if (this.notice) this.dismissNotice();
    else if (this.range) this.#reviewing.clearRange();
    else if (this.view?.layout.maximized) {
      this.dispatch({ kind: 'toggle-maximized', pane: this.view.layout.maximized });
    }
  }

  #toggleHelp(): void {
    this.#helpOpen = !this.#helpOpen;
    this.#tell('status');
  }

  /** The slice along the review axis whose pane is on the screen, with its labels. */
  #shownSlice(): ShownSlice | undefined {
    const { open, phase } = this;
    if (!open || phase.kind !== 'open' || !phase.replica || !this.#isVisible) return undefined;
    const { labelsVisible } = open.view;
    const { reviewPlane } = open.snapshot;
    if (!planesOf(shownPanes(open.view)).includes(reviewPlane)) return undefined;
    const proposalId = labelsVisible ? this.#session.shownProposalId : null;
    return { slice: shownSlice(open.view, open.planes[reviewPlane]), proposalId };
  }

  /** The same slice, if its image is there too. */
  #lookedAt(): ShownSlice | undefined {
    const { open } = this;
    return open && this.image(open.planes[open.snapshot.reviewPlane]) && this.#shownSlice();
  }

  #tell(topic: EditorTopic): void {
    if (topic !== 'hover') this.#looks.changed();
    for (const listener of [...this.#listeners]) listener(topic);
  }
}
