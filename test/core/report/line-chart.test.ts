import { describe, expect, it } from 'vitest';
import { type LineChart, lineChartSvg } from '../../../src/core/report/line-chart.ts';

const chart = (changed: Partial<LineChart>): string =>
  lineChartSvg({ title: 'Loss', xLabel: 'step', yLabel: 'loss', series: [], ...changed });

const line = (points: readonly (readonly [number, number])[]) => [{ name: 'one', points }];
const path = (svg: string) => /<path class="vl-line vl-s0" d="([^"]*)"/.exec(svg)?.[1] ?? '';
const ticks = (svg: string, anchor: string) =>
  [...svg.matchAll(new RegExp(`class="vl-tick"[^>]*text-anchor="${anchor}">(-?[0-9.e-]+)<`, 'g'))].map(
    ([, text]) => text,
  );

describe('lineChartSvg', () => {
  it('places points linearly between the ends of round axes', () => {
    const svg = chart({
      series: line([
        [0, 0],
        [50, 1],
        [100, 0.5],
      ]),
    });
    expect(ticks(svg, 'end')).toEqual(['0.0', '0.2', '0.4', '0.6', '0.8', '1.0']);
    expect(ticks(svg, 'middle')).toEqual(['0', '20', '40', '60', '80', '100']);
    const [[x0, y0], [x1, y1], [x2, y2]] = path(svg)
      .slice(1)
      .split('L')
      .map((point) => point.split(' ').map(Number));
    expect(x1 - x0).toBeCloseTo(x2 - x1, 0);
    expect(y0 - y1).toBeCloseTo(2 * (y2 - y1), 0);
    expect(y1).toBeLessThan(y0);
  });

  it('interrupts the line where there is no value', () => {
    const svg = chart({
      series: line([
        [0, 1],
        [1, 2],
        [2, Number.NaN],
        [3, 3],
      ]),
    });
    expect(path(svg).replace(/[0-9. ]+/g, '')).toBe('MLM');
    expect(svg).not.toContain('NaN');
  });

  it.each([
    [[], ['0.0', '0.2', '0.4', '0.6', '0.8', '1.0']],
    [[[5, 5]], ['5', '6']],
    [
      [
        [1, 1e-5],
        [2, 3e-5],
      ],
      ['1e-5', '1.5e-5', '2e-5', '2.5e-5', '3e-5'],
    ],
    [
      [
        [1, -20],
        [2, 40],
      ],
      ['-20', '0', '20', '40'],
    ],
  ] as const)('has round ticks for %j', (points, expected) => {
    const svg = chart({ series: line(points as readonly (readonly [number, number])[]) });
    expect(svg).not.toMatch(/NaN|Infinity/);
    expect(ticks(svg, 'end')).toEqual(expected);
  });

  it('reaches as far as it is told to, and the mark', () => {
    const svg = chart({
      series: line([
        [10, 0.4],
        [20, 0.5],
      ]),
      yRange: [0, 1],
      mark: { x: 30, name: 'kept' },
    });
    expect(ticks(svg, 'end')).toContain('1.0');
    expect(ticks(svg, 'middle').at(-1)).toBe('30');
    expect(svg).toContain('>kept</text>');
  });

  it('names several lines, and escapes all names', () => {
    const svg = chart({
      title: '<b>',
      xLabel: '<i>',
      yLabel: '"y"',
      mark: { x: 1, name: '<u>' },
      series: [
        { name: '<one>', points: [[0, 0]] },
        { name: 'two', points: [[1, 1]] },
      ],
    });
    for (const name of ['&lt;one&gt;', '>two<', '&lt;b&gt;', '&lt;i&gt;', '&quot;y&quot;', '&lt;u&gt;']) {
      expect(svg).toContain(name);
    }
    expect(svg).not.toMatch(/<(b|i|u|one)>/);
  });
});
