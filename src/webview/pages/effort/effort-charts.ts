import type { ShownEffort } from '../../../core/protocol/effort-contract.ts';
import {
  countedInWords,
  dayName,
  durationWords,
  numberText,
  percent,
  type ShownShare,
  type ShownSpread,
  shareText,
  threeDigits,
  versionName,
} from './effort-words.ts';

/** The charts are drawn over one of these axes. */
export type EffortAxis = 'versions' | 'periods';

export interface ChartPoint {
  /** The name below the axis, for instance "model 3". */
  readonly name: string;
  /** The point stands for so many cases or slices. */
  readonly n: number;
  readonly low: number;
  readonly value: number;
  readonly high: number;
  /** This sentence says everything about the point. */
  readonly sentence: string;
}

export interface EffortChart {
  readonly title: string;
  /** The note says what n counts and what the bars mean. */
  readonly note: string;
  /** Writes a value at the axis. */
  readonly tick: (value: number) => string;
  /** The axis must reach this range; without one, it goes from 0 to where the values end. */
  readonly range?: readonly [low: number, high: number];
  /** The lines of the grid are round multiples of this. */
  readonly unit: number;
  readonly points: readonly ChartPoint[];
  /** The sentence says what to do so that there is something to see. */
  readonly whenEmpty: string;
}

interface Group {
  readonly name: string;
  readonly figures: ShownEffort['versions'][number]['figures'];
}

/** The groups that the axis stands for, in its order. */
export function effortGroups(report: ShownEffort, axis: EffortAxis): readonly Group[] {
  return axis === 'versions'
    ? report.versions.map(({ version, figures }) => ({ name: versionName(version), figures }))
    : report.periods.map(({ period, figures }) => ({ name: dayName(period), figures }));
}

export function effortCharts(groups: readonly Group[]): readonly EffortChart[] {
  const finishCase = 'Accept every slice of a case and save: finished cases count.';
  const seconds = Math.max(0, ...groups.map(({ figures }) => figures.secondsPerCase?.high ?? 0));
  const [time, unit] = TIME_UNITS.find(([, size]) => seconds >= 2 * size) ?? ['s', 1];
  const dices = groups.map(({ figures }) => figures.dice?.low ?? 1);
  const points = (pointOf: (group: Group) => ChartPoint | null) =>
    groups.map(pointOf).filter((point) => point !== null);
  return [
    {
      title: 'Slices accepted unchanged',
      note: 'n: slices with foreground. Bars: 95 % interval.',
      tick: percent,
      range: [0, 1],
      unit: 1,
      points: points(({ name, figures }) => sharePoint(name, figures.unchanged)),
      whenEmpty: 'Accept proposed slices and save.',
    },
    {
      title: 'Dice of the proposal against what was accepted',
      note: 'n: cases. Line: median. Bars: quartiles.',
      tick: (value) => String(Number(value.toFixed(3))),
      // The axis does not begin at 0, because the differences that matter are near the top.
      range: [Math.min(0.9, ...dices), 1],
      unit: 1,
      points: points(({ name, figures }) =>
        spreadPoint(name, figures.dice, 'case', threeDigits, (value) => `Dice ${threeDigits(value)}`),
      ),
      whenEmpty: 'Accept proposed slices with foreground and save.',
    },
    {
      title: 'Voxels changed per case',
      note: 'n: finished cases. Line: median. Bars: quartiles.',
      tick: numberText,
      unit: 1,
      points: points(({ name, figures }) =>
        spreadPoint(name, figures.voxelsPerCase, 'finished case', numberText, (value) =>
          countedInWords(Math.round(value), 'voxel'),
        ),
      ),
      whenEmpty: finishCase,
    },
    {
      title: 'Active time per case',
      note: 'n: finished cases. Line: median. Bars: quartiles.',
      tick: (value) => `${Number((value / unit).toFixed(2))} ${time}`,
      unit,
      points: points(({ name, figures }) => spreadPoint(name, figures.secondsPerCase, 'finished case', durationWords)),
      whenEmpty: finishCase,
    },
  ];
}

/** Compares the last model version with the first in one sentence; it is undefined unless there are two. */
export function headline(versions: ShownEffort['versions']): string | undefined {
  const shares = versions.flatMap(({ version, figures: { unchanged } }) =>
    version !== null && unchanged ? [{ name: versionName(version), share: unchanged }] : [],
  );
  const [first, last] = [shares[0], shares.at(-1)];
  if (!last || first === last) return undefined;
  return `Slices accepted unchanged: ${shareText(last.share)} with ${last.name}, ${shareText(first.share)} with ${first.name}.`;
}

/** The largest unit comes first. */
const TIME_UNITS = [
  ['h', 3600],
  ['min', 60],
] as const;

function sharePoint(name: string, share: ShownShare | null): ChartPoint | null {
  if (!share) return null;
  const { count, of, low, high } = share;
  const sentence = `${capital(name)}: ${percent(count / of)}, ${numberText(count)} of ${countedInWords(of, 'slice')} (95 % interval ${percent(low)} to ${percent(high)}).`;
  return { name, n: of, low, value: count / of, high, sentence };
}

function spreadPoint(
  name: string,
  spread: ShownSpread | null,
  what: string,
  write: (value: number) => string,
  writeFirst = write,
): ChartPoint | null {
  if (!spread) return null;
  const { n, low, median, high } = spread;
  const quartiles = n === 1 ? '' : `, quartiles ${write(low)} to ${write(high)}`;
  return {
    name,
    n,
    low,
    value: median,
    high,
    sentence: `${capital(name)}: ${writeFirst(median)} (${countedInWords(n, what)}${quartiles}).`,
  };
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
