import { css, html, LitElement, nothing, svg, type TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { axisTicks, tickText } from '../../../core/report/axis-ticks.ts';
import { type ChartSeries, extentOf, isFinitePoint, place } from '../../../core/report/line-chart.ts';
import { lineChartStyles } from './line-chart-styles.ts';

export interface ShownChart {
  readonly title: string;
  readonly xLabel: string;
  /** At most six series are drawn, told apart by colour and dashes; all are in the table. */
  readonly series: readonly ChartSeries[];
  /** The y axis must reach this range, whatever the points are. */
  readonly yRange?: readonly [low: number, high: number] | undefined;
  /** Writes a value for the table and beside the name of its line. */
  readonly format: (value: number) => string;
  /** This text takes the place of the lines while there are no points. */
  readonly empty: string;
}

export const MOST_DRAWN_SERIES = 6;

const WIDTH = 360;
const HEIGHT = 180;
const MARGIN = { top: 10, right: 12, bottom: 26 };
const LETTER_PIXELS = 6.4;
/** The table has at most this many rows: whoever reads it looks for the course, not for every point. */
const MOST_ROWS = 40;
/** Lines with more points carry no marks. */
const MOST_MARKED_POINTS = 30;

/** Draws lines over one axis in the theme's colours, with the same figures as a table behind them. */
@customElement('voxel-loop-line-chart')
export class LineChartElement extends LitElement {
  static override styles = [
    lineChartStyles,
    css`
      :host {
        display: block;
      }
    `,
  ];

  @property({ attribute: false }) accessor chart: ShownChart | undefined;

  protected override render(): TemplateResult | typeof nothing {
    const { chart } = this;
    if (!chart) return nothing;
    const hasPoints = chart.series.some(({ points }) => points.some(isFinitePoint));
    return html`
      <figure>
        <figcaption>${chart.title}</figcaption>
        ${hasPoints ? [this.#legend(chart), this.#drawing(chart), this.#table(chart)] : html`<p class="empty">${chart.empty}</p>`}
      </figure>
    `;
  }

  #legend({ series, format }: ShownChart): TemplateResult {
    return html`<ul class="legend">
      ${series.slice(0, MOST_DRAWN_SERIES).map(({ name, points }, n) => {
        const last = points.filter(isFinitePoint).at(-1);
        return html`<li>
          <svg class="key" viewBox="0 0 24 8" aria-hidden="true"><path class="line s${n}" d="M1 4H23" /></svg>
          <span>${name}</span>${last ? html` <strong>${format(last[1])}</strong>` : nothing}
        </li>`;
      })}
    </ul>`;
  }

  #drawing({ title, xLabel, series, yRange, format }: ShownChart): TemplateResult {
    const drawn = series.slice(0, MOST_DRAWN_SERIES);
    const points = drawn.flatMap((line) => line.points.filter(isFinitePoint));
    const bottom = HEIGHT - MARGIN.bottom;
    const yTicks = axisTicks(
      extentOf(
        points.map(([, y]) => y),
        yRange,
      ),
      4,
    );
    const left = 12 + LETTER_PIXELS * Math.max(...yTicks.map((tick) => tickText(tick, yTicks).length));
    const right = WIDTH - MARGIN.right;
    const xTicks = axisTicks(
      extentOf(
        points.map(([x]) => x),
        undefined,
      ),
      4,
    );
    const xAt = place(xTicks, left, right);
    const yAt = place(yTicks, bottom, MARGIN.top);
    const newest = drawn
      .flatMap(({ name, points: ofLine }) => {
        const last = ofLine.filter(isFinitePoint).at(-1);
        return last ? [`${name} ${format(last[1])}`] : [];
      })
      .join(', ');
    return html`<svg class="chart" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${title}, now: ${newest}. The figures are in the table below.">
      ${yTicks.map(
        (tick) => svg`<path class="grid" d="M${left} ${yAt(tick)}H${right}"/>
          <text class="tick" x=${left - 6} y=${yAt(tick) + 4} text-anchor="end">${tickText(tick, yTicks)}</text>`,
      )}
      ${xTicks.map(
        (tick, n) => svg`<path class="grid" d="M${xAt(tick)} ${bottom}v4"/>
          <text class="tick" x=${xAt(tick)} y=${bottom + 17} text-anchor=${n === xTicks.length - 1 ? 'end' : 'middle'}>${tickText(tick, xTicks)}${n === xTicks.length - 1 ? ` ${xLabel}` : ''}</text>`,
      )}
      ${drawn.map(
        (line, n) => svg`<path class="line s${n}" d=${pathOf(line, xAt, yAt)}/>
          ${
            line.points.length > MOST_MARKED_POINTS
              ? nothing
              : line.points
                  .filter(isFinitePoint)
                  .map(([x, y]) => svg`<circle class="dot s${n}" cx=${xAt(x)} cy=${yAt(y)} r="2.5"/>`)
          }`,
      )}
    </svg>`;
  }

  #table({ title, xLabel, series, format }: ShownChart): TemplateResult {
    const xs = [...new Set(series.flatMap(({ points }) => points.map(([x]) => x)))].sort((a, b) => a - b);
    const every = Math.max(1, Math.ceil(xs.length / MOST_ROWS));
    const rows = xs.filter((_, n) => (xs.length - 1 - n) % every === 0);
    const lookUp = series.map(({ points }) => new Map(points));
    return html`<details>
      <summary>Show as table</summary>
      <div class="table" tabindex="0" role="region" aria-label="${title} as a table">
        <table>
          <thead><tr><th scope="col">${xLabel}</th>${series.map(({ name }) => html`<th scope="col">${name}</th>`)}</tr></thead>
          <tbody>
            ${rows.map(
              (x) =>
                html`<tr><th scope="row">${x}</th>${lookUp.map((found) => {
                  const y = found.get(x);
                  return html`<td>${y === undefined || !Number.isFinite(y) ? '–' : format(y)}</td>`;
                })}</tr>`,
            )}
          </tbody>
        </table>
      </div>
    </details>`;
  }
}

function pathOf({ points }: ChartSeries, xAt: (x: number) => number, yAt: (y: number) => number): string {
  let path = '';
  let drawing = false;
  for (const point of points) {
    const finite = isFinitePoint(point);
    if (finite) path += `${drawing ? 'L' : 'M'}${xAt(point[0]).toFixed(1)} ${yAt(point[1]).toFixed(1)}`;
    drawing = finite;
  }
  return path;
}

declare global {
  interface HTMLElementTagNameMap {
    'voxel-loop-line-chart': LineChartElement;
  }
}
