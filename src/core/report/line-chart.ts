import { axisTicks, tickText } from './axis-ticks.ts';
import { escapeHtml } from './html.ts';

/** One line of a chart. */
export interface ChartSeries {
  readonly name: string;
  /** The points ascend in x. A point that is not finite interrupts the line. */
  readonly points: readonly (readonly [x: number, y: number])[];
}

export interface LineChart {
  /** Says what is to be seen, as a heading and to who cannot see the chart. */
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  /** There are at most five: they are told apart by colour, dashes and marks. */
  readonly series: readonly ChartSeries[];
  /** A vertical line is drawn at `x`, with the word beside it. */
  readonly mark?: { readonly x: number; readonly name: string } | undefined;
  /** The y axis reaches at least this range, whatever the points; it grows where they need more. */
  readonly yRange?: readonly [low: number, high: number] | undefined;
  /** The size is in pixels. */
  readonly width?: number;
  readonly height?: number;
}

const MARGIN = { right: 18, bottom: 44 };
/** The plot begins so far from the top, to leave room for the title, the word beside a mark, and a legend. */
const TOP = { alone: 46, withLegend: 68 };
/** A letter of ticks and legends is about so wide. */
const LETTER_PIXELS = 6.7;
/** The lines of the grid are about so far apart, in pixels. */
const TICK_PIXELS = { x: 80, y: 36 };
/** Lines with more points carry no marks. */
const MOST_MARKED_POINTS = 30;

/** Okabe and Ito's palette (2008), made darker on white and lighter on black. */
const STYLE = `
.vl-chart{color-scheme:light dark;--ink:#1f2328;--faint:#6a737d;--grid:#d8dee4;--s0:#0072b2;--s1:#c04f00;--s2:#00795a;--s3:#a03a78;--s4:#6b5b00;font:12px system-ui,-apple-system,'Segoe UI',sans-serif}
@media (prefers-color-scheme:dark){.vl-chart{--ink:#e6edf3;--faint:#9aa4af;--grid:#3a424c;--s0:#56b4e9;--s1:#ff9a4d;--s2:#3fcf9f;--s3:#e39ac6;--s4:#f0e442}}
@media print{.vl-chart{--ink:#1f2328;--faint:#6a737d;--grid:#d8dee4;--s0:#0072b2;--s1:#c04f00;--s2:#00795a;--s3:#a03a78;--s4:#6b5b00}}
.vl-chart text{fill:var(--ink)}.vl-chart .vl-tick{fill:var(--faint)}.vl-chart .vl-title{font-weight:600;font-size:14px}
.vl-chart .vl-grid{stroke:var(--grid);stroke-width:1}.vl-chart .vl-mark{stroke:var(--faint);stroke-width:1;stroke-dasharray:2 3}
.vl-chart .vl-line{fill:none;stroke-width:2;stroke-linejoin:round;stroke-linecap:round}
.vl-chart .vl-s0{stroke:var(--s0)}.vl-chart .vl-s1{stroke:var(--s1);stroke-dasharray:7 4}.vl-chart .vl-s2{stroke:var(--s2);stroke-dasharray:2 4}.vl-chart .vl-s3{stroke:var(--s3);stroke-dasharray:9 3 2 3}.vl-chart .vl-s4{stroke:var(--s4);stroke-dasharray:12 5}
.vl-chart .vl-dot{stroke:none}.vl-chart .vl-d0{fill:var(--s0)}.vl-chart .vl-d1{fill:var(--s1)}.vl-chart .vl-d2{fill:var(--s2)}.vl-chart .vl-d3{fill:var(--s3)}.vl-chart .vl-d4{fill:var(--s4)}`;

/**
 * Draws a line chart as a self-contained SVG, for a page or as a file of its own. It is light or dark as the reader has
 * it.
 */
export function lineChartSvg(chart: LineChart): string {
  const { width = 560, height = 300, series } = chart;
  const points = series.flatMap((line) => line.points.filter(isFinitePoint));
  const top = series.length > 1 ? TOP.withLegend : TOP.alone;
  const plotHeight = height - top - MARGIN.bottom;
  const yTicks = axisTicks(
    extentOf(
      points.map(([, y]) => y),
      chart.yRange,
    ),
    plotHeight / TICK_PIXELS.y,
  );
  const left = 38 + LETTER_PIXELS * Math.max(...yTicks.map((tick) => tickText(tick, yTicks).length));
  const right = width - MARGIN.right;
  const xTicks = axisTicks(
    extentOf(
      points.map(([x]) => x),
      chart.mark && [chart.mark.x],
    ),
    (right - left) / TICK_PIXELS.x,
  );
  const bottom = top + plotHeight;
  const xAt = place(xTicks, left, right);
  const yAt = place(yTicks, bottom, top);
  const title = escapeHtml(chart.title);
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" class="vl-chart" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${title}">`,
    `<style>${STYLE}</style>`,
    `<text class="vl-title" x="${pixel(left)}" y="18">${title}</text>`,
    ...yTicks.map(
      (tick) =>
        `<path class="vl-grid" d="M${pixel(left)} ${pixel(yAt(tick))}H${right}"/><text class="vl-tick" x="${pixel(left - 8)}" y="${pixel(yAt(tick) + 4)}" text-anchor="end">${tickText(tick, yTicks)}</text>`,
    ),
    ...xTicks.map(
      (tick) =>
        `<path class="vl-grid" d="M${pixel(xAt(tick))} ${bottom}v5"/><text class="vl-tick" x="${pixel(xAt(tick))}" y="${bottom + 18}" text-anchor="middle">${tickText(tick, xTicks)}</text>`,
    ),
    `<text class="vl-tick" x="${right}" y="${height - 8}" text-anchor="end">${escapeHtml(chart.xLabel)}</text>`,
    `<text class="vl-tick" x="14" y="${top + plotHeight / 2}" text-anchor="middle" transform="rotate(-90 14 ${top + plotHeight / 2})">${escapeHtml(chart.yLabel)}</text>`,
    ...(chart.mark ? [markAt(xAt(chart.mark.x), chart.mark.name, top, bottom)] : []),
    ...series.flatMap((line, n) => lineOf(line, n % 5, xAt, yAt)),
    ...legend(series, left),
    '</svg>',
  ];
  return parts.join('\n');
}

export function isFinitePoint([x, y]: readonly [number, number]): boolean {
  return Number.isFinite(x) && Number.isFinite(y);
}

export function extentOf(values: readonly number[], wanted: readonly number[] | undefined): readonly [number, number] {
  const all = [...values, ...(wanted ?? [])];
  if (all.length === 0) return [0, 1];
  return all.reduce(([low, high], value) => [Math.min(low, value), Math.max(high, value)], [all[0], all[0]]);
}

export function place(ticks: readonly number[], from: number, to: number): (value: number) => number {
  const [low, high] = [ticks[0], ticks[ticks.length - 1]];
  return (value) => from + ((value - low) / (high - low)) * (to - from);
}

function pixel(value: number): string {
  return String(Math.round(value * 10) / 10);
}

function markAt(x: number, name: string, top: number, bottom: number): string {
  return `<path class="vl-mark" d="M${pixel(x)} ${top}V${bottom}"/><text class="vl-tick" x="${pixel(x)}" y="${top - 6}" text-anchor="middle">${escapeHtml(name)}</text>`;
}

function lineOf(
  { points }: ChartSeries,
  color: number,
  xAt: (x: number) => number,
  yAt: (y: number) => number,
): string[] {
  let path = '';
  let drawing = false;
  for (const point of points) {
    const finite = isFinitePoint(point);
    if (finite) path += `${drawing ? 'L' : 'M'}${pixel(xAt(point[0]))} ${pixel(yAt(point[1]))}`;
    drawing = finite;
  }
  const dots =
    points.length > MOST_MARKED_POINTS
      ? []
      : points
          .filter(isFinitePoint)
          .map(([x, y]) => `<circle class="vl-dot vl-d${color}" cx="${pixel(xAt(x))}" cy="${pixel(yAt(y))}" r="3"/>`);
  return [`<path class="vl-line vl-s${color}" d="${path}"/>`, ...dots];
}

/** Draws the legend below the title. A single line needs none: the y axis names it. */
function legend(series: readonly ChartSeries[], left: number): string[] {
  if (series.length < 2) return [];
  let x = left;
  return series.map(({ name }, n) => {
    const at = x;
    x += 50 + name.length * LETTER_PIXELS;
    return `<path class="vl-line vl-s${n % 5}" d="M${pixel(at)} 36h28"/><text x="${pixel(at + 34)}" y="40">${escapeHtml(name)}</text>`;
  });
}
