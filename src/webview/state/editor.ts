import { largestPiece, middleOfPiece } from '../../core/cohort/disagreement.ts';
import { VoxelLoopError } from '../../core/errors.ts';
import { type PlaneName, planeVoxel, type SlicePlane, voxelOnPlane } from '../../core/geometry/slice-plane.ts';
import type { Vec3 } from '../../core/geometry/vector.ts';
import type { LabelTable } from '../../core/label/label-table.ts';
import { fileValues } from '../../core/label/label-values.ts';
import type { DocumentSnapshot, HostCommand, PlaceToShow } from '../../core/protocol/editor-contract.ts';
import type { MessageChannelPort } from '../../core/protocol/endpoint.ts';
import type { SliceImage } from '../../core/volume/slice-image.ts';
import type { LabelPalette } from '../renderer/label-palette.ts';
import type { LabelLayer } from '../renderer/slice-renderer.ts';
import type { SliceKey } from '../slices/slice-cache.ts';
import { ActiveStroke } from '../tools/active-stroke.ts';
import { type DocumentPhase, DocumentSession } from './document-session.ts';
import type { EditorAction } from './editor-action.ts';
import { ImageSupply, type ShownWindow } from './image-supply.ts';
import { actionForPalette } from './palette-actions.ts';
import { nextToReview, type SliceStatus, sliceStatuses } from './review-summary.ts';
import { nextDisagreement, SecondReview } from './second-review.ts';
import { labelAt, ShownLabels } from './shown-labels.ts';
import type { ViewAction } from './view-action.ts';
import { reduceView } from './view-reducer.ts';
import { initialViewState, restoreViewState, type SlicePlanes, shownSlice, type ViewState } from './view-state.ts';
import type { PlanePoint } from './viewport.ts';

/**
 * What changed. `view`: how the document is looked at; `document`: labels, review, proposal, names; `image`: a slice or
 * its window arrived; `hover`: the pointer is over another voxel; `status`: everything else (phase, messages, progress).
 */
export type EditorTopic = 'view' | 'document' | 'image' | 'hover' | 'status';

/** One line for the user. A newer one replaces it. */
export interface Notice {
  readonly text: string;
  readonly severity: 'info' | 'error';
}

/** Where view state is kept (VS Code's webview state). */
export interface ViewStore {
  load(): unknown;
  save(view: ViewState): void;
}

/** A document that is open, with how it is looked at. */
export interface OpenEditor {
  readonly snapshot: DocumentSnapshot;
  readonly planes: SlicePlanes;
  readonly view: ViewState;
}

/**
 * The model behind all elements of one editor: the document's session, how it is looked at, and what each action does.
 * Elements read it, tell it actions, and render again when it says what changed. Knows no DOM.
 */
export class Editor {
  readonly #session: DocumentSession;
  readonly #listeners = new Set<(topic: EditorTopic) => void>();
  readonly #shown = new ShownLabels();
  readonly secondReview: SecondReview;
  /** The slice that `next-disagreement` went to last: asked again there, it goes on to the one after it. */
  #lastDisagreement: number | undefined;
  readonly #defects = new Set<string>();
  #turn: Promise<void> = Promise.resolve();
  #images: ImageSupply | undefined;
  #view: ViewState | undefined;
  #stroke: ActiveStroke | undefined;
  #firstSliceShown = false;
  #notice: Notice | undefined;
  #announcement = '';
  #helpOpen = false;
  #hover: { readonly plane: PlaneName; readonly voxel: Vec3 } | undefined;
  #status: { readonly modelName: string | null; readonly engineName: string | null } | undefined;
  #loadFraction: number | undefined;
  /** Asked for before the document was open. */
  #placeToShow: PlaceToShow | undefined;

  constructor(
    port: MessageChannelPort,
    private readonly store: ViewStore,
  ) {
    this.#session = new DocumentSession(
      port,
      {
        phaseChanged: () => this.#phaseChanged(),
        documentChanged: (change) => this.#documentChanged(change !== undefined),
        notice: (text, severity) => this.notify(text, severity),
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
        'on:perform': ({ action }) => this.dispatch(actionForPalette(action)),
        'on:secondReviewerChanged': ({ secondReviewer }) => {
          this.secondReview.show(secondReviewer);
          this.#loadSecondReview();
        },
        'on:goTo': (place) => {
          this.#placeToShow = place;
          this.#showPlace();
        },
      },
    );
    this.secondReview = new SecondReview(
      this.#session,
      () => this.#tell('document'),
      (error) => this.#tellError(error),
    );
    this.#session.start();
  }

  // ------------------------------------------------------------------ reading

  get phase(): DocumentPhase {
    return this.#session.phase;
  }

  /** The document and its view; undefined until it is open. */
  get open(): OpenEditor | undefined {
    const { phase } = this;
    if (phase.kind !== 'open' || !this.#view) return undefined;
    return { snapshot: phase.snapshot, planes: phase.planes, view: this.#view };
  }

  get notice(): Notice | undefined {
    return this.#notice;
  }

  /** What a screen reader shall say. */
  get announcement(): string {
    return this.#announcement;
  }

  get helpOpen(): boolean {
    return this.#helpOpen;
  }

  get hover(): { readonly plane: PlaneName; readonly voxel: Vec3 } | undefined {
    return this.#hover;
  }

  /** undefined: the host has not said yet. */
  get status(): { readonly modelName: string | null; readonly engineName: string | null } | undefined {
    return this.#status;
  }

  /** How much of the volume is loaded, 0 to 1; undefined: all, or not known. */
  get loadFraction(): number | undefined {
    return this.#loadFraction;
  }

  get labelTable(): LabelTable {
    const { phase } = this;
    if (phase.kind !== 'open') return [];
    return phase.replica?.table ?? phase.snapshot.labelTable;
  }

  /** By slice along the review axis. */
  get statuses(): readonly SliceStatus[] {
    const { phase } = this;
    if (phase.kind !== 'open') return [];
    const { replica, snapshot } = phase;
    if (replica) return sliceStatuses(replica.review, (slice) => replica.isProposed(slice));
    return sliceStatuses(snapshot.review, (slice) => snapshot.proposal?.slices[slice] === 'pending');
  }

  /** Why nothing can be drawn right now, as a sentence; undefined: drawing is possible. */
  get whyNotDraw(): string | undefined {
    const { phase } = this;
    if (phase.kind !== 'open') return 'The volume is not open yet.';
    if (phase.snapshot.readOnlyReason) return phase.snapshot.readOnlyReason;
    if (!phase.replica) return 'The labels are still loading.';
    if (this.labelTable.length < 2) return 'Add a label first, then draw.';
    return undefined;
  }

  /** The window that is shown, and what is a big step of it. */
  get window(): ShownWindow {
    const view = this.#view;
    return (view && this.#images?.window(view)) ?? { window: { level: 0.5, width: 1 }, span: 1 };
  }

  /** The image slice that `plane` shows, if it is here. */
  image(plane: SlicePlane): SliceImage | undefined {
    return this.#view && this.#images?.image(this.#view, plane);
  }

  /** The labels that `plane` shows. */
  labels(plane: SlicePlane): LabelLayer | undefined {
    const { phase } = this;
    if (phase.kind !== 'open' || !phase.replica || !this.#view) return undefined;
    return this.#shown.labels(phase.replica, plane, shownSlice(this.#view, plane));
  }

  /** The waiting part of the proposal that `plane` shows. */
  proposal(plane: SlicePlane): LabelLayer | undefined {
    const { phase } = this;
    if (phase.kind !== 'open' || !phase.replica || !this.#view) return undefined;
    const { replica, planes, snapshot } = phase;
    return this.#shown.proposal(replica, plane, shownSlice(this.#view, plane), planes[snapshot.reviewPlane]);
  }

  /** Where the second reviewer differs on the slice that `plane` shows. */
  disagreement(plane: SlicePlane): LabelLayer | undefined {
    const { phase } = this;
    if (phase.kind !== 'open' || !phase.replica || !this.#view?.labelsVisible) return undefined;
    return this.secondReview.layer(phase.replica, plane, shownSlice(this.#view, plane));
  }

  /** By slice along the review axis, how many voxels the second reviewer has otherwise, and which slices are to be decided. */
  get disagreements(): { readonly counts: readonly number[]; readonly open: readonly number[] } | undefined {
    const { phase } = this;
    if (phase.kind !== 'open' || !phase.replica) return undefined;
    const { normalAxis } = phase.planes[phase.snapshot.reviewPlane];
    const counts = this.secondReview.counts(phase.replica, normalAxis);
    const open = this.secondReview.open(phase.replica, normalAxis);
    return counts && open && { counts, open };
  }

  /** Colours of the labels as `view` shows them. */
  palette(view: ViewState): LabelPalette {
    return this.#shown.palette(this.labelTable, view);
  }

  /** The label at a voxel, and whether it is only proposed; undefined until the labels are here. */
  labelAt(voxel: Vec3): { readonly label: number; readonly proposed: boolean } | undefined {
    const { phase } = this;
    if (phase.kind !== 'open' || !phase.replica) return undefined;
    return labelAt(phase.replica, voxel, phase.planes[phase.snapshot.reviewPlane]);
  }

  subscribe(listener: (topic: EditorTopic) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  // ------------------------------------------------------------------ drawing

  /** Pointer down with a drawing tool at `point`. Whether a stroke began; if not, the user was told why. */
  beginStroke(plane: SlicePlane, point: PlanePoint, erases: boolean): boolean {
    const { phase } = this;
    const why = this.whyNotDraw;
    if (why !== undefined || phase.kind !== 'open' || !phase.replica || !this.#view) {
      this.notify(why ?? '', 'info');
      return false;
    }
    const view = this.#view;
    if (!erases && (!view.labelsVisible || view.hiddenLabels.includes(view.activeLabel))) {
      this.notify('This label is hidden. Show it before you draw with it.', 'info');
      return false;
    }
    try {
      this.#stroke = new ActiveStroke(
        phase.replica,
        plane,
        {
          tool: 'brush',
          slice: shownSlice(view, plane),
          radiusMm: view.brushRadiusMm,
          label: erases ? 0 : view.activeLabel,
          ...(!erases && view.drawOver === 'background' && { onlyOver: 0 }),
        },
        point,
      );
    } catch (error) {
      this.#tellError(error);
      return false;
    }
    this.#documentChanged(false);
    return true;
  }

  extendStroke(points: readonly PlanePoint[]): void {
    if (this.#stroke?.extend(points)) this.#documentChanged(false);
  }

  /** Pointer up: the stroke becomes an edit of the document. */
  commitStroke(): void {
    const stroke = this.#stroke;
    if (!stroke) return;
    this.#stroke = undefined;
    const { strokeId, stroke: drawn } = stroke.finish();
    void this.#session.sendStroke(strokeId, drawn);
  }

  cancelStroke(): void {
    const stroke = this.#stroke;
    if (!stroke) return;
    this.#stroke = undefined;
    stroke.cancel();
    this.#announce('Stroke cancelled');
    this.#documentChanged(false);
  }

  /** Whether undo or save must wait for a stroke (see `dispatch` of host commands). */
  get hasOpenStrokes(): boolean {
    return this.#stroke !== undefined || this.#session.isDrawing;
  }

  // ------------------------------------------------------------------ acting

  dispatch(action: EditorAction): void {
    switch (action.kind) {
      case 'review':
        this.#inTurn(() => this.#review(action.action, action.slice));
        return;
      case 'next-to-review':
        this.#inTurn(async () => this.#goToNext());
        return;
      case 'next-disagreement':
        this.#inTurn(async () => this.#goToDisagreement());
        return;
      case 'adjudicate':
        this.#inTurn(() => this.#adjudicate(action.take));
        return;
      case 'hide-second-reviewer':
        this.#session.hideSecondReviewer();
        return;
      case 'host-command':
        void this.#command(action.command);
        return;
      case 'add-label':
        void this.#session.addLabel(action.name).then((label) => {
          if (label !== undefined) this.dispatch({ kind: 'set-active-label', label });
        });
        return;
      case 'edit-label':
        void this.#session.editLabel(action.label, action.entry);
        return;
      case 'show-slice-history':
        if (this.reviewSlice !== undefined) this.#session.showSliceHistory(this.reviewSlice);
        return;
      case 'escape':
        this.#escape();
        return;
      case 'toggle-help':
        this.#helpOpen = !this.#helpOpen;
        this.#tell('status');
        return;
      default:
        this.#applyView(action);
    }
  }

  /** The slice along the review axis that is shown; undefined until the document is open. */
  get reviewSlice(): number | undefined {
    const { open } = this;
    return open && shownSlice(open.view, open.planes[open.snapshot.reviewPlane]);
  }

  /** Somebody works on a slice along the review axis: for the host's clock. */
  reportActivity(slice: number): void {
    this.#session.activity(slice);
  }

  /** Moves the crosshair in the active plane by columns and rows of the screen. */
  nudgeCrosshair(columns: number, rows: number): void {
    const { open } = this;
    if (!open) return;
    const plane = open.planes[open.view.activePlane];
    const at = voxelOnPlane(plane, open.view.crosshair);
    this.dispatch({
      kind: 'move-crosshair',
      voxel: planeVoxel(plane, at.slice, at.column + columns, at.row + rows),
    });
  }

  setHover(plane: PlaneName, voxel: Vec3 | undefined): void {
    const before = this.#hover;
    if (!voxel && before?.plane !== plane) return;
    if (voxel && before && before.plane === plane && voxel.every((value, axis) => value === before.voxel[axis])) return;
    this.#hover = voxel ? { plane, voxel } : undefined;
    this.#tell('hover');
  }

  notify(text: string, severity: Notice['severity']): void {
    this.#notice = { text, severity };
    this.#tell('status');
  }

  dismissNotice(): void {
    this.#notice = undefined;
    this.#tell('status');
  }

  /** For the log; one and the same defect is told once. */
  reportDefect(error: unknown): void {
    const defect = error instanceof Error ? error : new Error(String(error));
    if (this.#defects.has(defect.message)) return;
    this.#defects.add(defect.message);
    this.#session.reportDefect(defect);
  }

  /** A plane was drawn with its image: the host measures from opening to the first one. */
  imageShown(): void {
    if (this.#firstSliceShown) return;
    this.#firstSliceShown = true;
    this.#session.firstSliceShown();
  }

  close(): void {
    this.#images?.close();
    this.#session.close();
    this.#listeners.clear();
  }

  // ------------------------------------------------------------------ inside

  #phaseChanged(): void {
    const { phase } = this;
    if (phase.kind === 'open') {
      const { volume, reviewPlane, labelTable } = phase.snapshot;
      if (!phase.replica) {
        // Opened, or started over: the image may be another one.
        const fresh = initialViewState(volume.grid.shape, volume.grid.spacingMm, reviewPlane, fileValues(labelTable));
        this.#view = restoreViewState(this.#view ?? this.store.load(), fresh, volume.grid.shape, volume.timePoints);
        this.#stroke = undefined;
        this.#startLoading();
      }
      this.#keepActiveLabel();
    }
    this.#shown.invalidate();
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
    this.#images?.close();
    this.#images = new ImageSupply(
      this.#session,
      (key) => {
        if (!key || this.#isShown(key)) this.#tell('image');
      },
      (key, error) => {
        if (!key || this.#isShown(key)) this.#tellError(error);
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
    if (open) this.#images?.want(open.view, open.planes);
  }

  #applyView(action: ViewAction): void {
    const { open } = this;
    if (!open) return;
    const { snapshot, planes, view } = open;
    // A stroke belongs to the slice and the tool that it began with.
    if (this.#stroke && ENDS_STROKE.has(action.kind)) this.commitStroke();
    const after = reduceView(view, action, {
      planes,
      shape: snapshot.volume.grid.shape,
      timePoints: snapshot.volume.timePoints,
      labelCount: this.labelTable.length,
    });
    if (after === view) return;
    this.#view = after;
    this.store.save(after);
    const moved = after.crosshair !== view.crosshair || after.timeIndex !== view.timeIndex;
    if (moved || after.maximized !== view.maximized || after.activePlane !== view.activePlane) this.#want();
    if (moved) this.#announceSlice(after, view);
    this.#tell('view');
  }

  #announceSlice(after: ViewState, before: ViewState): void {
    const { open } = this;
    if (!open) return;
    const plane = open.planes[after.activePlane];
    const slice = shownSlice(after, plane);
    if (slice === shownSlice(before, plane)) return;
    const status = plane.name === open.snapshot.reviewPlane ? `, ${this.statuses[slice]}` : '';
    this.#announce(`${plane.name} slice ${slice + 1} of ${plane.sliceCount}${status}`);
  }

  #announce(text: string): void {
    this.#announcement = text;
    this.#tell('status');
  }

  #documentChanged(fromHost: boolean): void {
    this.#shown.invalidate();
    if (fromHost) this.secondReview.edited();
    else this.secondReview.invalidate(!this.hasOpenStrokes);
    if (fromHost) this.#keepActiveLabel();
    this.#tell('document');
  }

  /** Labels come and go by undo: the brush must never hold one that is not there. */
  #keepActiveLabel(): void {
    const view = this.#view;
    const labelValues = fileValues(this.labelTable);
    const count = labelValues.length;
    if (!view) return;
    const isThere = view.activeLabel > 0 && view.activeLabel < count;
    if (isThere && labelValues.join() === view.labelValues.join()) return;
    this.#view = { ...view, labelValues, activeLabel: isThere ? view.activeLabel : Math.min(1, count - 1) };
    this.store.save(this.#view);
    this.#tell('view');
  }

  /** Review decisions one after the other: the second of two quick ones is about the slice that the first went on to. */
  #inTurn(decide: () => Promise<void>): void {
    this.#turn = this.#turn.then(decide).catch((error: unknown) => this.#tellError(error));
  }

  async #review(action: Extract<EditorAction, { kind: 'review' }>['action'], slice: number | undefined): Promise<void> {
    const { open } = this;
    if (!open) return;
    if (open.snapshot.readOnlyReason) {
      this.notify(open.snapshot.readOnlyReason, 'info');
      return;
    }
    await this.#settleStrokes();
    const plane = open.planes[open.snapshot.reviewPlane];
    const target = slice ?? shownSlice(open.view, plane);
    const single = action === 'accept-slice' || action === 'reject-slice' || action === 'unaccept-slice';
    if (action === 'reject-slice' && this.statuses[target] !== 'proposed') {
      this.notify('There is no proposal on this slice to reject.', 'info');
      return;
    }
    if (!(await this.#session.review(action, single ? target : undefined))) return;
    const { open: now } = this;
    if (!now) return;
    const goesOn = action === 'reject-slice' || (action === 'accept-slice' && now.view.advanceAfterAccept);
    const said = REVIEW_TEXT[action](target + 1);
    // Only when the user is still where they decided: they may have scrolled on already.
    if (single && goesOn && shownSlice(now.view, plane) === target) this.#goToNext(said);
    else this.#announce(said);
  }

  #goToNext(said?: string): void {
    const { open } = this;
    if (!open) return;
    const plane = open.planes[open.snapshot.reviewPlane];
    const from = shownSlice(open.view, plane);
    const next = nextToReview(this.statuses, from);
    if (next === undefined || next === from) {
      const text = next === undefined ? 'All slices are accepted.' : 'This is the last slice to review.';
      this.notify(text, 'info');
      this.#announce(said ? `${said}. ${text}` : text);
      return;
    }
    this.#applyView({ kind: 'go-to-slice', plane: plane.name, slice: next });
    this.#announce(`${said ? `${said}. ` : ''}Slice ${next + 1}, ${this.statuses[next]}`);
  }

  #loadSecondReview(): void {
    const { phase } = this;
    if (phase.kind === 'open' && phase.replica) void this.secondReview.load(phase.snapshot.volume.grid.shape);
  }

  async #adjudicate(take: 'mine' | 'theirs' | 'theirs-here'): Promise<void> {
    const { open, secondReview } = this;
    if (!open || !this.#hasSecondReview()) return;
    if (open.snapshot.readOnlyReason) {
      this.notify(open.snapshot.readOnlyReason, 'info');
      return;
    }
    await this.#settleStrokes();
    const plane = open.planes[open.snapshot.reviewPlane];
    const slice = shownSlice(open.view, plane);
    if (take === 'theirs-here') {
      const voxel: [number, number, number] = [...open.view.crosshair];
      const { column, row } = voxelOnPlane(plane, voxel);
      const layer = this.disagreement(plane);
      if (layer?.data[column + plane.columns * row] === 0) {
        this.notify('The two agree under the crosshair. Put it on a hatched piece first.', 'info');
        return;
      }
      if (await this.#session.adjudicate({ take, voxel })) this.#announce('Piece taken over');
      return;
    }
    if (!(await this.#session.adjudicate({ take, slice }))) return;
    const { open: now } = this;
    const said = take === 'mine' ? `Kept mine on slice ${slice + 1}` : `Took theirs on slice ${slice + 1}`;
    if (now?.view.advanceAfterAccept && shownSlice(now.view, plane) === slice) this.#goToDisagreement(said);
    else this.#announce(`${said}, ${secondReview.summary?.reviewer ?? ''}`);
  }

  #goToDisagreement(said?: string): void {
    const { open, disagreements } = this;
    if (!open || !this.#hasSecondReview() || !disagreements) return;
    const plane = open.planes[open.snapshot.reviewPlane];
    const from = shownSlice(open.view, plane);
    const next = nextDisagreement(disagreements.open, from === this.#lastDisagreement ? from : undefined);
    if (next === undefined) {
      const text = disagreements.counts.some((count) => count > 0)
        ? 'Every slice on which the two differ is decided.'
        : 'The two agree on every slice.';
      this.notify(text, 'info');
      this.#announce(said ? `${said}. ${text}` : text);
      return;
    }
    this.#lastDisagreement = next;
    this.#applyView({ kind: 'move-crosshair', voxel: this.#middleOfDisagreement(plane, next) });
    this.#announce(`${said ? `${said}. ` : ''}Slice ${next + 1}, ${disagreements.counts[next]} voxels differ`);
  }

  /** A voxel of the largest piece of disagreement on a slice. */
  #middleOfDisagreement(plane: SlicePlane, slice: number): Vec3 {
    const { phase } = this;
    const replica = phase.kind === 'open' ? phase.replica : undefined;
    const layer = replica && this.secondReview.layer(replica, plane, slice);
    const piece = layer && largestPiece(layer.data, plane);
    const [column, row] = piece ? middleOfPiece(piece, plane.columns) : [0, 0];
    return planeVoxel(plane, slice, column, row);
  }

  #hasSecondReview(): boolean {
    if (this.secondReview.summary) return true;
    this.notify('No second reviewer is shown. Run "Voxel Loop: Show Second Reviewer..." first.', 'info');
    return false;
  }

  /** Undo must never run underneath a stroke: the stroke first becomes an edit that the host knows of. */
  async #command(command: HostCommand): Promise<void> {
    await this.#settleStrokes();
    this.#session.command(command);
  }

  async #settleStrokes(): Promise<void> {
    this.commitStroke();
    await this.#session.strokesAnswered();
  }

  #escape(): void {
    if (this.#stroke) this.cancelStroke();
    else if (this.#helpOpen) this.dispatch({ kind: 'toggle-help' });
    else if (this.#notice) this.dismissNotice();
    else if (this.#view?.maximized) this.dispatch({ kind: 'toggle-maximized', plane: this.#view.maximized });
  }

  #tellError(error: unknown): void {
    if (error instanceof VoxelLoopError) this.notify(error.message, 'error');
    else {
      this.notify('Something went wrong in the editor. The log has the details.', 'error');
      this.reportDefect(error);
    }
  }

  #tell(topic: EditorTopic): void {
    for (const listener of [...this.#listeners]) listener(topic);
  }
}

/** Actions that take the ground from under an open stroke. */
const ENDS_STROKE: ReadonlySet<ViewAction['kind']> = new Set([
  'set-tool',
  'set-brush-radius',
  'resize-brush',
  'set-active-label',
  'set-draw-over',
  'move-crosshair',
  'show-place',
  'step-slice',
  'go-to-slice',
  'set-time',
  'enlarge-plane',
  'toggle-maximized',
]);

const REVIEW_TEXT: Readonly<
  Record<Extract<EditorAction, { kind: 'review' }>['action'], (sliceNumber: number) => string>
> = {
  'accept-slice': (slice) => `Slice ${slice} accepted`,
  'accept-all': () => 'All slices accepted',
  'reject-slice': (slice) => `Proposal on slice ${slice} rejected`,
  'reject-all': () => 'Whole proposal rejected',
  'unaccept-slice': (slice) => `Acceptance of slice ${slice} taken back`,
};
