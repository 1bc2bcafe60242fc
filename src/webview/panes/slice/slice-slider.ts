import { css, html, LitElement, nothing, type SVGTemplateResult, svg, type TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { PlaneName } from '../../../core/geometry/slice-plane.ts';
import type { Editor } from '../../editor/editor.ts';
import type { OpenEditor } from '../../looking/open-editor.ts';
import { shownSlice } from '../../looking/view-state.ts';
import { sliceText, statusRuns } from '../../reviewing/review-summary.ts';
import { controlStyles } from '../../shared/control-styles.ts';
import { EditorWatch } from '../../shared/editor-watch.ts';
import { PLANE_TITLES } from '../../shared/plane-titles.ts';
import { HATCH_PATTERN, statusCell, statusStyles, waitingCell } from '../../shared/status-styles.ts';
import { spanOn, uncertaintyPath } from './strip-geometry.ts';

/** The lanes of the strip along the review axis, in pixels from the top of the track. */
const RANGE_PX = 3;
const STATE = { bottom: 17, height: 13 };
const UNCERTAINTY = { bottom: 30, height: 10 };
/** The height of the strip as a whole. */
const STRIP_PX = 31;

/**
 * Shows which slice of its stack a plane shows; a click or drag goes to a slice. Along the review axis it is a strip
 * with two lanes: the state of every slice (by colour, height and hatching), and the uncertainty of the proposal.
 */
@customElement('voxel-loop-slice-slider')
export class SliceSlider extends LitElement {
  static override styles = [
    controlStyles,
    statusStyles,
    css`
      :host {
        display: block;
        background: var(--vscode-editorGroupHeader-tabsBackground, var(--vscode-sideBar-background));
        border-top: 1px solid var(--vscode-contrastBorder, transparent);
        padding: 3px 6px;
      }
      .track {
        position: relative;
        height: 14px;
        cursor: pointer;
        touch-action: none;
      }
      .track.review {
        height: 31px;
      }
      svg {
        display: block;
        width: 100%;
        height: 100%;
        overflow: visible;
      }
      .rail {
        fill: var(--vscode-scrollbarSlider-background);
      }
      .base {
        stroke: var(--vscode-foreground);
        stroke-width: 1;
        opacity: 0.35;
        shape-rendering: crispEdges;
      }
      .uncertainty {
        fill: var(--vscode-foreground);
        opacity: 0.75;
      }
      .range {
        fill: var(--vscode-foreground);
        fill-opacity: 0.14;
      }
      .range-mark {
        fill: none;
        stroke: var(--vscode-focusBorder, var(--vscode-foreground));
        stroke-width: 2;
      }
      .thumb {
        fill: none;
        stroke: var(--vscode-foreground);
        stroke-width: 2;
      }
    `,
  ];

  @property({ attribute: false }) accessor editor: Editor | undefined;
  /** The id of the pane that it belongs to. */
  @property() accessor paneId = '';
  @property() accessor plane: PlaneName = 'axial';
  @state() private accessor width = 0;

  readonly #resized = new ResizeObserver(([entry]) => {
    this.width = entry.contentRect.width;
  });
  #observed: Element | undefined;

  constructor() {
    super();
    new EditorWatch(this, ['view', 'document', 'status']);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#resized.disconnect();
    this.#observed = undefined;
  }

  protected override updated(): void {
    const track = this.renderRoot.querySelector('.track');
    if (!track || track === this.#observed) return;
    this.#resized.disconnect();
    this.#observed = track;
    this.#resized.observe(track);
  }

  protected override render(): TemplateResult | typeof nothing {
    const open = this.editor?.open;
    if (!open) return nothing;
    const plane = open.planes[this.plane];
    const slice = shownSlice(open.view, plane);
    const isReview = this.plane === open.snapshot.reviewPlane;
    const text = this.#text(open, slice);
    const count = plane.sliceCount;
    const thumb = spanOn(this.width, count, slice, slice, 5);
    return html`
      <div
        class="track ${isReview ? 'review' : ''}"
        role="slider"
        tabindex="0"
        aria-label="${PLANE_TITLES[this.plane]} slice"
        aria-valuemin="1"
        aria-valuemax=${count}
        aria-valuenow=${slice + 1}
        aria-valuetext=${text}
        title=${text}
        @pointerdown=${this.#down}
        @pointermove=${this.#move}
        @keydown=${(event: KeyboardEvent) => this.#key(event, open)}
      >
        <svg aria-hidden="true">
          ${isReview ? this.#lanes(count) : svg`<rect class="rail" x="0" y="5.5" width=${this.width} height="3" />`}
          <rect class="thumb" x=${thumb.x} y="1" width=${thumb.width} height=${isReview ? STRIP_PX - 2 : 12} />
        </svg>
      </div>
    `;
  }

  #lanes(count: number): SVGTemplateResult {
    const { editor, width } = this;
    const perSlice = width / count;
    const waiting = editor?.waiting ?? [];
    const statuses = editor?.statuses ?? [];
    const range = editor?.range;
    const uncertainty = editor?.uncertainty;
    const box = (from: number, to: number) => ({ x: from * perSlice, width: (to - from) * perSlice, ...STATE });
    const marked = range && spanOn(width, count, range.from, range.to, 3);
    return svg`
      ${HATCH_PATTERN}
      ${marked ? svg`<rect class="range" x=${marked.x} y="0" width=${marked.width} height=${STRIP_PX} />` : nothing}
      ${statusRuns(statuses).map(({ status, from, to }) => statusCell(status, box(from, to)))}
      ${statusRuns(waiting).map(({ status: waits, from, to }) => (waits ? waitingCell(box(from, to)) : nothing))}
      ${
        uncertainty
          ? svg`<path class="uncertainty"
              d=${uncertaintyPath(uncertainty, width, UNCERTAINTY.bottom, UNCERTAINTY.height)} />
            <path class="base" d="M0 ${UNCERTAINTY.bottom + 0.5}H${width}" />`
          : nothing
      }
      ${
        marked
          ? svg`<path class="range-mark"
              d="M${marked.x + 1} ${RANGE_PX + 3}V1H${marked.x + marked.width - 1}V${RANGE_PX + 3}" />`
          : nothing
      }
    `;
  }

  #text(open: OpenEditor, slice: number): string {
    const { editor } = this;
    const place = `Slice ${slice + 1} of ${open.planes[this.plane].sliceCount}`;
    if (!editor || this.plane !== open.snapshot.reviewPlane) return place;
    const { statuses, waiting, proposedWithLabels, uncertainty, range } = editor;
    const marked = range && slice >= range.from && slice <= range.to ? ', in the marked range' : '';
    return `${place}, ${sliceText(statuses[slice], waiting[slice], proposedWithLabels[slice], uncertainty?.[slice])}${marked}`;
  }

  #down(event: PointerEvent): void {
    if (event.button !== 0) return;
    (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId);
    this.editor?.dispatch({ kind: 'activate-pane', pane: this.paneId });
    this.#go(event);
  }

  #move(event: PointerEvent): void {
    const track = event.currentTarget as HTMLElement;
    if (track.hasPointerCapture(event.pointerId)) {
      this.#go(event);
      return;
    }
    // The tooltip is about the slice under the pointer.
    const open = this.editor?.open;
    if (open) track.title = this.#text(open, this.#sliceAt(event, open));
  }

  #sliceAt(event: PointerEvent, open: OpenEditor): number {
    const bounds = (event.currentTarget as HTMLElement).getBoundingClientRect();
    const { sliceCount } = open.planes[this.plane];
    const slice = Math.floor(((event.clientX - bounds.left) / bounds.width) * sliceCount);
    return Math.min(Math.max(slice, 0), sliceCount - 1);
  }

  #go(event: PointerEvent): void {
    const open = this.editor?.open;
    if (!open) return;
    const slice = this.#sliceAt(event, open);
    if (event.shiftKey && this.plane === open.snapshot.reviewPlane) {
      this.editor?.dispatch({ kind: 'extend-range', slice });
    } else {
      this.editor?.dispatch({ kind: 'go-to-slice', plane: this.plane, slice });
    }
  }

  /**
   * Handles the keys that a slider must answer to; Up, Down and Page keys are the editor's own and mean the same here.
   */
  #key(event: KeyboardEvent, open: OpenEditor): void {
    const plane = open.planes[this.plane];
    const slice = shownSlice(open.view, plane);
    const target = { ArrowLeft: slice - 1, ArrowRight: slice + 1, Home: 0, End: plane.sliceCount - 1 }[event.key];
    this.editor?.dispatch({ kind: 'activate-pane', pane: this.paneId });
    if (target === undefined || event.shiftKey || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    this.editor?.dispatch({ kind: 'go-to-slice', plane: this.plane, slice: target });
  }
}
