import { html, LitElement, nothing, type PropertyValues, svg, type TemplateResult } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { type PlaneName, type SlicePlane, voxelOnPlane } from '../../../core/geometry/slice-plane.ts';
import { toolOf } from '../../../core/tools/known-tools.ts';
import type { Editor, EditorTopic } from '../../editor/editor.ts';
import type { OpenEditor } from '../../looking/open-editor.ts';
import { paneById } from '../../looking/pane-layout.ts';
import { scaleBar } from '../../looking/scale-bar.ts';
import { FITTED, sliceOf } from '../../looking/slice-pane-state.ts';
import { brushRadiusMm, NAVIGATE, shownSlice } from '../../looking/view-state.ts';
import { fitPxPerMm, type PanePoint, planeCenter, planeToPane, type Viewport } from '../../looking/viewport.ts';
import { ResilientRenderer } from '../../renderer/resilient-renderer.ts';
import { SLICE_STATUS_TEXT } from '../../reviewing/review-summary.ts';
import { controlStyles } from '../../shared/control-styles.ts';
import { EditorWatch } from '../../shared/editor-watch.ts';
import { PLANE_TITLES } from '../../shared/plane-titles.ts';
import { IDLE } from '../../tools/gesture.ts';
import { paneButtons } from '../pane-buttons.ts';
import { PaneGestures } from './pane-gestures.ts';
import { slicePaneStyles } from './slice-pane-styles.ts';
import { ballElsewhere, type CursorCircle, cursorHere } from './tool-cursor.ts';
import './slice-slider.ts';

/** The room for the orientation letters around a plane that fits its pane, in CSS pixels. */
const FIT_MARGIN_PX = 22;

/** Shows one plane: its slice with labels, and everything that a pointer does to it. */
@customElement('voxel-loop-slice-pane')
export class SlicePane extends LitElement {
  static override styles = [controlStyles, slicePaneStyles];

  @property({ attribute: false }) accessor editor: Editor | undefined;
  /** The id of this pane in the view. */
  @property() accessor paneId = '';
  @property({ reflect: true }) accessor plane: PlaneName = 'axial';
  @property({ type: Boolean, reflect: true }) accessor active = false;

  @state() private accessor size: readonly [width: number, height: number] = [0, 0];
  @state() private accessor pointer: PanePoint | undefined;
  @query('.stage') private accessor stage!: HTMLElement | null;

  #renderer: ResilientRenderer | undefined;
  #gestures: PaneGestures | undefined;
  #drawScheduled = false;
  readonly #resized = new ResizeObserver(([entry]) => {
    this.size = [entry.contentRect.width, entry.contentRect.height];
  });

  constructor() {
    super();
    new EditorWatch(this, ['view', 'document', 'image', 'status', 'hover'], (topic) => this.#changed(topic));
  }

  /** Says how the plane lies in the pane now; it is undefined before the document is open or the pane has a size. */
  get viewport(): Viewport | undefined {
    const open = this.editor?.open;
    const [widthPx, heightPx] = this.size;
    if (!open || widthPx === 0 || heightPx === 0) return undefined;
    const plane = open.planes[this.plane];
    const pane = paneById(open.view, this.paneId);
    const pose = (pane && sliceOf(pane)) ?? FITTED;
    return {
      widthPx,
      heightPx,
      pxPerMm: fitPxPerMm(plane, widthPx, heightPx, FIT_MARGIN_PX) * pose.zoom,
      center: pose.center ?? planeCenter(plane),
      columnSpacingMm: plane.columnSpacingMm,
      rowSpacingMm: plane.rowSpacingMm,
    };
  }

  /** The renderer that draws; it is undefined before the first picture. It is for tests and the log. */
  get rendererKind(): 'webgl2' | 'canvas2d' | undefined {
    return this.#renderer?.kind;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#resized.disconnect();
    this.#renderer?.dispose();
    this.#renderer = undefined;
  }

  protected override updated(_changed: PropertyValues): void {
    const { stage, editor } = this;
    if (!stage || !editor) return;
    if (!this.#renderer) {
      this.#renderer = new ResilientRenderer(stage, (error) => editor.reportDefect(error));
      this.#resized.observe(stage);
    }
    this.#scheduleDraw();
  }

  #changed(topic: EditorTopic): void {
    if (topic === 'image') this.#scheduleDraw();
    // Only a ball shows in other panes than the one that the pointer is in.
    if (topic === 'hover' && !this.#showsBall) return;
    this.requestUpdate();
  }

  get #showsBall(): boolean {
    const tool = this.editor?.open?.view.tool ?? NAVIGATE;
    return tool !== NAVIGATE && toolOf(tool).cursor === 'ball';
  }

  /** Draws at most one picture per frame, however many events there are. */
  #scheduleDraw(): void {
    if (this.#drawScheduled) return;
    this.#drawScheduled = true;
    requestAnimationFrame(() => {
      this.#drawScheduled = false;
      if (this.isConnected) this.#draw();
    });
  }

  #draw(): void {
    const { editor, viewport } = this;
    const open = editor?.open;
    if (!editor || !open || !viewport || !this.#renderer) return;
    const plane = open.planes[this.plane];
    const ratio = window.devicePixelRatio;
    this.#renderer.resize(viewport.widthPx * ratio, viewport.heightPx * ratio);
    const corner = planeToPane(viewport, [-0.5, -0.5]);
    const image = editor.image(plane);
    this.#renderer.draw({
      columns: plane.columns,
      rows: plane.rows,
      image,
      scaling: open.snapshot.volume.scaling,
      window: editor.window.window,
      interpolation: open.view.interpolation,
      labels: editor.labels(plane),
      proposal: editor.proposal(plane),
      disagreement: editor.disagreement(plane),
      palette: editor.palette(open.view),
      labelOpacity: open.view.labelOpacity,
      placement: {
        x: corner[0] * ratio,
        y: corner[1] * ratio,
        scaleX: viewport.columnSpacingMm * viewport.pxPerMm * ratio,
        scaleY: viewport.rowSpacingMm * viewport.pxPerMm * ratio,
      },
      devicePixelRatio: ratio,
    });
    if (image) editor.imageShown();
  }

  protected override render(): TemplateResult | typeof nothing {
    const open = this.editor?.open;
    if (!open || !this.editor) return nothing;
    const plane = open.planes[this.plane];
    const slice = shownSlice(open.view, plane);
    const title = PLANE_TITLES[this.plane];
    const isReview = this.plane === open.snapshot.reviewPlane;
    const status = isReview ? this.editor.statuses[slice] : undefined;
    return html`
      <header>
        <h2>${title}</h2>
        <span class="count">${slice + 1}/${plane.sliceCount}</span>
        ${status ? html`<span class="status ${status}" title=${SLICE_STATUS_TEXT[status]}>${SLICE_STATUS_TEXT[status]}</span>` : nothing}
        <span class="spacer"></span>
        ${paneButtons(this.editor, open.view, this.paneId, title)}
      </header>
      <div
        class="stage ${this.#cursorClass(open)}"
        tabindex="0"
        role="application"
        aria-roledescription="slice view"
        aria-label="${title} slice ${slice + 1} of ${plane.sliceCount}${status ? `, ${status}` : ''}"
        @focus=${() => this.editor?.dispatch({ kind: 'activate-pane', pane: this.paneId })}
        @pointerdown=${(event: PointerEvent) => this.#gesture()?.down(event)}
        @pointermove=${(event: PointerEvent) => this.#gesture()?.move(event)}
        @pointerup=${(event: PointerEvent) => this.#gesture()?.up(event)}
        @pointercancel=${(event: PointerEvent) => this.#gesture()?.cancel(event)}
        @pointerleave=${() => this.#gesture()?.leave()}
        @contextmenu=${(event: Event) => event.preventDefault()}
        @dblclick=${() => this.#doubleClick(open)}
        @wheel=${(event: WheelEvent) => this.#gesture()?.wheel(event)}
      >
        ${this.#overlay(open, plane)}
      </div>
      <voxel-loop-slice-slider
        .editor=${this.editor}
        .paneId=${this.paneId}
        .plane=${this.plane}
      ></voxel-loop-slice-slider>
    `;
  }

  #overlay(open: OpenEditor, plane: SlicePlane): TemplateResult | typeof nothing {
    const { viewport } = this;
    if (!viewport) return nothing;
    const { edges } = plane;
    const bar = scaleBar(viewport.pxPerMm, 90);
    const [width, height] = this.size;
    const barEnd = width - 10;
    const barY = height - 8;
    const isThere = this.editor?.image(plane) !== undefined;
    const instead = this.editor?.hasFailed(plane) ? 'This slice cannot be read.' : 'Loading slice…';
    // The drawing is hidden from screen readers, because the label of the stage says what matters of it.
    return html`
      <svg class="overlay" aria-hidden="true">
        ${open.view.crosshairVisible ? this.#crosshair(open, plane, viewport) : nothing}
        ${this.#brush(open, viewport)}
        <path class="scale-bar" d="M${barEnd - bar.lengthPx} ${barY}H${barEnd}" />
      </svg>
      <span class="letter left" aria-hidden="true">${edges.left}</span>
      <span class="letter right" aria-hidden="true">${edges.right}</span>
      <span class="letter top" aria-hidden="true">${edges.top}</span>
      <span class="letter bottom" aria-hidden="true">${edges.bottom}</span>
      <span class="scale" aria-hidden="true">${bar.text}</span>
      ${isThere ? nothing : html`<span class="instead">${instead}</span>`}
    `;
  }

  #crosshair(open: OpenEditor, plane: SlicePlane, viewport: Viewport): TemplateResult {
    const { column, row } = voxelOnPlane(plane, open.view.crosshair);
    const [x, y] = planeToPane(viewport, [column, row]).map(Math.round);
    const gap = 8;
    const [width, height] = this.size;
    return svg`<path class="crosshair"
      d="M0 ${y}H${x - gap}M${x + gap} ${y}H${width}M${x} 0V${y - gap}M${x} ${y + gap}V${height}" />`;
  }

  /** Shows what the tool would draw, at its true size. */
  #brush(open: OpenEditor, viewport: Viewport): TemplateResult | typeof nothing {
    const circle = this.#cursorCircle(open, viewport);
    if (!circle) return nothing;
    const erases = this.editor?.isErasing ?? false;
    const { at, radiusPx } = circle;
    return svg`
      <circle class="brush-under" cx=${at[0]} cy=${at[1]} r=${radiusPx} />
      <circle class="brush ${erases ? 'erases' : ''}" cx=${at[0]} cy=${at[1]} r=${radiusPx} />
      ${this.pointer ? svg`<circle class="brush" cx=${at[0]} cy=${at[1]} r="0.75" />` : nothing}`;
  }

  #cursorCircle({ view, planes }: OpenEditor, viewport: Viewport): CursorCircle | undefined {
    const gesture = this.#gestures?.gesture ?? IDLE;
    if (view.tool === NAVIGATE || (gesture.kind !== 'idle' && gesture.kind !== 'stroke')) return undefined;
    const { cursor } = toolOf(view.tool);
    const { pointer } = this;
    // The pointer may still be down after Escape, another slice or another tool has ended what it drew.
    const start = gesture.kind === 'stroke' && this.editor?.isDrawing ? gesture.start : undefined;
    if (pointer) return cursorHere(cursor, brushRadiusMm(view), pointer, start, viewport);
    const hover = this.editor?.hover;
    if (cursor !== 'ball' || !hover || hover.plane === this.plane) return undefined;
    const plane = planes[this.plane];
    return ballElsewhere(brushRadiusMm(view), hover.voxel, plane, shownSlice(view, plane), viewport);
  }

  #cursorClass(open: OpenEditor): string {
    const gesture = this.#gestures?.gesture.kind ?? 'idle';
    if (gesture === 'pan' || (gesture === 'idle' && PaneGestures.spaceHeld)) return 'panning';
    if (gesture === 'crosshair' || gesture === 'window' || open.view.tool === NAVIGATE) return 'navigating';
    return this.editor?.whyNotDraw === undefined ? 'drawing' : 'refused';
  }

  #doubleClick(open: OpenEditor): void {
    // With a brush in hand two quick dabs are drawing, not a double click.
    if (open.view.tool === NAVIGATE) this.editor?.dispatch({ kind: 'toggle-maximized', pane: this.paneId });
  }

  #gesture(): PaneGestures | undefined {
    if (this.#gestures) return this.#gestures;
    const pane = this;
    const { editor, stage } = this;
    if (!editor?.open || !stage) return undefined;
    this.#gestures = new PaneGestures({
      editor,
      stage,
      get paneId() {
        return pane.paneId;
      },
      get plane() {
        return (editor.open as OpenEditor).planes[pane.plane];
      },
      get viewport() {
        return pane.viewport as Viewport;
      },
      pointOf(event) {
        const bounds = stage.getBoundingClientRect();
        return [event.clientX - bounds.left, event.clientY - bounds.top];
      },
      pointerMoved: (at) => {
        pane.pointer = at;
        pane.requestUpdate();
      },
    });
    return this.#gestures;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'voxel-loop-slice-pane': SlicePane;
  }
}
