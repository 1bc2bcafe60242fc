import { css, html, LitElement, nothing, svg, type TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { PlaneName } from '../../../core/geometry/slice-plane.ts';
import type { Editor, OpenEditor } from '../../state/editor.ts';
import { type SliceStatus, statusRuns } from '../../state/review-summary.ts';
import { shownSlice } from '../../state/view-state.ts';
import { controlStyles } from '../shared/control-styles.ts';
import { EditorWatch } from '../shared/editor-watch.ts';
import { PLANE_TITLES } from '../shared/plane-titles.ts';

/** How high each status stands in the strip (viewBox units of 10), so that it can be read without colours. */
const STATUS_HEIGHT: Readonly<Record<SliceStatus, number>> = { accepted: 10, edited: 7, proposed: 4, unreviewed: 1.5 };

/**
 * Where a plane stands in its stack of slices; a click or drag goes to a slice. Along the review axis it shows the
 * state of every slice: one cell each, colour and height by status.
 */
@customElement('voxel-loop-slice-slider')
export class SliceSlider extends LitElement {
  static override styles = [
    controlStyles,
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
      svg {
        display: block;
        width: 100%;
        height: 100%;
        overflow: visible;
      }
      .rail {
        fill: var(--vscode-scrollbarSlider-background);
      }
      .accepted {
        fill: var(--vscode-charts-green, var(--vscode-testing-iconPassed));
      }
      .edited {
        fill: var(--vscode-editorWarning-foreground, var(--vscode-charts-yellow));
      }
      .proposed {
        fill: var(--vscode-textLink-foreground, var(--vscode-charts-blue));
      }
      .unreviewed {
        fill: var(--vscode-foreground);
        opacity: 0.45;
      }
      .thumb {
        fill: none;
        stroke: var(--vscode-foreground);
        stroke-width: 2;
        vector-effect: non-scaling-stroke;
      }
    `,
  ];

  @property({ attribute: false }) accessor editor: Editor | undefined;
  @property() accessor plane: PlaneName = 'axial';

  constructor() {
    super();
    new EditorWatch(this, ['view', 'document', 'status']);
  }

  protected override render(): TemplateResult | typeof nothing {
    const open = this.editor?.open;
    if (!open) return nothing;
    const plane = open.planes[this.plane];
    const slice = shownSlice(open.view, plane);
    const isReview = this.plane === open.snapshot.reviewPlane;
    const statuses = isReview ? (this.editor?.statuses ?? []) : [];
    const text = `Slice ${slice + 1} of ${plane.sliceCount}${isReview ? `, ${statuses[slice]}` : ''}`;
    const count = plane.sliceCount;
    // A thumb narrower than 0.8% of the track could not be found among a thousand slices.
    const width = Math.max(1, count * 0.008);
    const left = Math.min(Math.max(slice + 0.5 - width / 2, 0), count - width);
    return html`
      <div
        class="track"
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
        <svg viewBox="0 0 ${count} 10" preserveAspectRatio="none" aria-hidden="true">
          ${
            isReview
              ? statusRuns(statuses).map(
                  ({ status, from, to }) =>
                    svg`<rect class=${status} x=${from} width=${to - from} y=${10 - STATUS_HEIGHT[status]} height=${STATUS_HEIGHT[status]} />`,
                )
              : svg`<rect class="rail" x="0" y="4" width=${count} height="2" />`
          }
          <rect class="thumb" x=${left} y="0" width=${width} height="10" />
        </svg>
      </div>
    `;
  }

  #down(event: PointerEvent): void {
    if (event.button !== 0) return;
    (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId);
    this.editor?.dispatch({ kind: 'activate-plane', plane: this.plane });
    this.#go(event);
  }

  #move(event: PointerEvent): void {
    if ((event.currentTarget as HTMLElement).hasPointerCapture(event.pointerId)) this.#go(event);
  }

  #go(event: PointerEvent): void {
    const open = this.editor?.open;
    if (!open) return;
    const bounds = (event.currentTarget as HTMLElement).getBoundingClientRect();
    const slice = Math.floor(((event.clientX - bounds.left) / bounds.width) * open.planes[this.plane].sliceCount);
    this.editor?.dispatch({ kind: 'go-to-slice', plane: this.plane, slice });
  }

  /** What a slider must answer to; Up, Down and Page keys are the editor's own and mean the same here. */
  #key(event: KeyboardEvent, open: OpenEditor): void {
    const plane = open.planes[this.plane];
    const slice = shownSlice(open.view, plane);
    const target = { ArrowLeft: slice - 1, ArrowRight: slice + 1, Home: 0, End: plane.sliceCount - 1 }[event.key];
    this.editor?.dispatch({ kind: 'activate-plane', plane: this.plane });
    if (target === undefined || event.shiftKey || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    this.editor?.dispatch({ kind: 'go-to-slice', plane: this.plane, slice: target });
  }
}
