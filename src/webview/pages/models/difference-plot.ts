import { svg, type TemplateResult } from 'lit';
import { NOT_WORSE_RULE } from '../../../core/learn/training/not-worse.ts';

/** The width is in units of the drawing. Each row of the table holds one row of it. */
const WIDTH = 300;
const HEIGHT = 18;
const EDGE = 8;

/** A scale of differences that all rows share. It is symmetric, so that the line of no difference is in the middle. */
export interface DifferenceScale {
  readonly most: number;
  x(difference: number): number;
}

/** @param differences the differences to show; the margin of the gate is always in sight too */
export function differenceScale(differences: readonly number[]): DifferenceScale {
  const largest = Math.max(NOT_WORSE_RULE.marginDice * 1.5, ...differences.map(Math.abs));
  const power = 10 ** Math.floor(Math.log10(largest));
  const most = ([1, 2, 3, 5, 10].find((factor) => factor * power >= largest * 0.999) ?? 10) * power;
  return { most, x: (difference) => WIDTH / 2 + (difference / most) * (WIDTH / 2 - EDGE) };
}

/** Draws a dot for one case where its difference is. */
export function differenceDot(scale: DifferenceScale, difference: number): TemplateResult {
  const [zero, at] = [scale.x(0), scale.x(difference)];
  const margin = scale.x(-NOT_WORSE_RULE.marginDice);
  return svg`<svg class="plot" viewBox="0 0 ${WIDTH} ${HEIGHT}" aria-hidden="true">
    <line class="margin" x1=${margin} x2=${margin} y1="-4" y2=${HEIGHT + 4}></line>
    <line class="axis" x1=${zero} x2=${zero} y1="-4" y2=${HEIGHT + 4}></line>
    <line class="stem" x1=${zero} x2=${at} y1=${HEIGHT / 2} y2=${HEIGHT / 2}></line>
    <circle class="dot ${difference < 0 ? 'loss' : ''}" cx=${at} cy=${HEIGHT / 2} r="4"></circle>
  </svg>`;
}

/** Draws the axis above the dots. */
export function differenceAxis(scale: DifferenceScale): TemplateResult {
  const ticks = [-scale.most, -scale.most / 2, 0, scale.most / 2, scale.most];
  const text = (tick: number) => (tick === 0 ? '0' : `${tick > 0 ? '+' : '−'}${Number(Math.abs(tick).toPrecision(2))}`);
  return svg`<svg class="plot" viewBox="0 0 ${WIDTH} ${HEIGHT}" aria-hidden="true">
    ${ticks.map((tick) => svg`<text class="tick" x=${scale.x(tick)} y=${HEIGHT - 4}>${text(tick)}</text>`)}
  </svg>`;
}
