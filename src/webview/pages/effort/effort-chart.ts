import { css, html, LitElement, nothing, type SVGTemplateResult, svg, type TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { axisTicks } from '../../../core/report/axis-ticks.ts';
import { controlStyles } from '../../shared/control-styles.ts';
import type { ChartPoint, EffortChart } from './effort-charts.ts';

const WIDTH = 460;
const HEIGHT = 230;
const PLOT = { left: 62, right: 446, top: 12, bottom: 178 };
/** An axis without a range covers at least this many units, so that its ticks differ. */
const FEWEST_UNITS = 4;
/** The approximate width of a letter below the axis. */
const LETTER_PIXELS = 6.2;

/**
 * Shows figures as points with bars, one per model version or period, and a line through them. On the keyboard, the
 * arrow keys go from point to point; the sentence below says what a point stands for.
 */
@customElement('voxel-loop-effort-chart')
export class EffortChartElement extends LitElement {
  static override styles = [
    controlStyles,
    css`
      :host {
        display: block;
        min-width: 0;
      }
      figure {
        margin: 0;
        padding: 10px 12px;
        border: 1px solid var(--vscode-panel-border, var(--vscode-contrastBorder, transparent));
        border-radius: 4px;
        height: 100%;
      }
      h2 {
        margin: 0;
        font-size: 13px;
        font-weight: 600;
      }
      p {
        margin: 4px 0 0;
        line-height: 1.4;
      }
      .note,
      .empty {
        color: var(--vscode-descriptionForeground);
        font-size: 12px;
      }
      .empty {
        padding: 60px 20px;
        text-align: center;
      }
      .sentence {
        min-height: 2.8em;
      }
      svg {
        display: block;
        width: 100%;
        max-width: 620px;
        margin-top: 6px;
        height: auto;
      }
      text {
        fill: var(--vscode-descriptionForeground);
        font-size: 11px;
        font-family: var(--vscode-font-family);
      }
      .name {
        fill: var(--vscode-foreground);
      }
      .grid {
        stroke: var(--vscode-editorWidget-border, var(--vscode-panel-border, currentColor));
        stroke-opacity: 0.5;
      }
      .line {
        fill: none;
        stroke: var(--vscode-charts-blue);
        stroke-width: 2;
      }
      .bar {
        stroke: var(--vscode-charts-blue);
        stroke-width: 1.5;
        stroke-opacity: 0.75;
      }
      circle {
        fill: var(--vscode-charts-blue);
        stroke: var(--vscode-editor-background);
        stroke-width: 1.5;
      }
      .active circle {
        fill: var(--vscode-foreground);
      }
      .hit {
        fill: transparent;
      }
    `,
  ];

  @property({ attribute: false }) accessor chart: EffortChart | undefined;
  /** The active point, counted from the first; undefined means the last one. */
  @state() private accessor active: number | undefined;

  protected override render(): TemplateResult | typeof nothing {
    const { chart } = this;
    if (!chart) return nothing;
    const { title, note, points, whenEmpty } = chart;
    return html`
      <figure aria-labelledby="title">
        <h2 id="title">${title}</h2>
        <p class="note">${note}</p>
        ${
          points.length === 0
            ? html`<p class="empty">Nothing to show yet. ${whenEmpty}</p>`
            : html`${this.#drawing(chart)}
                <p class="sentence" aria-live="polite">${points[this.#activeIndex(points)].sentence}</p>`
        }
      </figure>
    `;
  }

  #activeIndex(points: readonly ChartPoint[]): number {
    return Math.min(this.active ?? points.length - 1, points.length - 1);
  }

  #drawing({ title, tick, range, unit, points }: EffortChart): TemplateResult {
    const [low, high] = range ?? [0, Math.max(...points.map((point) => point.high), FEWEST_UNITS * unit)];
    const ticks = axisTicks([low / unit, high / unit], 4).map((value) => value * unit);
    const [bottom, top] = [ticks[0], ticks[ticks.length - 1]];
    const yAt = (value: number) => PLOT.bottom - ((value - bottom) / (top - bottom)) * (PLOT.bottom - PLOT.top);
    const step = (PLOT.right - PLOT.left) / points.length;
    const xAt = (index: number) => PLOT.left + (index + 0.5) * step;
    const letters = Math.max(...points.map(({ name, n }) => Math.max(name.length, `n = ${n}`.length)));
    const every = Math.ceil(((letters + 2) * LETTER_PIXELS) / step);
    const line = points.map(({ value }, index) => `${index === 0 ? 'M' : 'L'}${xAt(index)} ${yAt(value)}`).join('');
    return html`
      <svg
        viewBox="0 0 ${WIDTH} ${HEIGHT}"
        tabindex="0"
        role="img"
        aria-label="${title}, ${points.length} points. Arrow keys go from one to the next."
        @keydown=${(event: KeyboardEvent) => this.#key(event, points)}
      >
        ${ticks.map(
          (value) => svg`
            <path class="grid" d="M${PLOT.left} ${yAt(value)}H${PLOT.right}" />
            <text x=${PLOT.left - 8} y=${yAt(value) + 4} text-anchor="end">${tick(value)}</text>
          `,
        )}
        ${points.length > 1 ? svg`<path class="line" d=${line} />` : nothing}
        ${points.map((point, index) => this.#point(point, index, xAt(index), yAt, step, this.#activeIndex(points)))}
        ${points.map((point, index) =>
          (points.length - 1 - index) % every === 0
            ? svg`
                <text class="name" x=${xAt(index)} y=${PLOT.bottom + 20} text-anchor="middle">${point.name}</text>
                <text x=${xAt(index)} y=${PLOT.bottom + 36} text-anchor="middle">n = ${point.n}</text>
              `
            : nothing,
        )}
      </svg>
    `;
  }

  #point(
    { low, value, high }: ChartPoint,
    index: number,
    x: number,
    yAt: (value: number) => number,
    step: number,
    active: number,
  ): SVGTemplateResult {
    return svg`
      <g class=${index === active ? 'active' : ''}>
        <path class="bar" d="M${x} ${yAt(low)}V${yAt(high)}M${x - 4} ${yAt(low)}h8M${x - 4} ${yAt(high)}h8" />
        <circle cx=${x} cy=${yAt(value)} r=${index === active ? 5 : 4} />
        <rect
          class="hit"
          x=${x - step / 2}
          y=${PLOT.top}
          width=${step}
          height=${PLOT.bottom - PLOT.top}
          @pointerenter=${() => {
            this.active = index;
          }}
        />
      </g>
    `;
  }

  #key(event: KeyboardEvent, points: readonly ChartPoint[]): void {
    const at = this.#activeIndex(points);
    const to: Readonly<Record<string, number>> = {
      ArrowLeft: at - 1,
      ArrowRight: at + 1,
      Home: 0,
      End: points.length - 1,
    };
    if (to[event.key] === undefined) return;
    event.preventDefault();
    this.active = Math.max(0, Math.min(points.length - 1, to[event.key]));
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'voxel-loop-effort-chart': EffortChartElement;
  }
}
