import { quantile } from '../../metrics/quantile.ts';
import { pooledDice, type SliceEffort } from './slice-effort.ts';

/** How values are spread, as median and quartiles. */
export interface Spread {
  readonly n: number;
  readonly low: number;
  readonly median: number;
  readonly high: number;
}

/** A part of a whole, with Wilson's 95 % interval (Wilson 1927). */
export interface Share {
  readonly count: number;
  readonly of: number;
  readonly low: number;
  readonly high: number;
}

/** What accepting some group of slices cost (those of one model version, or of one week). */
export interface EffortFigures {
  /** So many cases have such slices. */
  readonly cases: number;
  /** Accepted slices that were compared with a proposal or drawn by hand, counted by whether anything is on them. */
  readonly foregroundSlices: number;
  readonly emptySlices: number;
  /** Accepted slices that nobody had looked at are counted here and in no other figure. */
  readonly neverShownSlices: number;
  /** Of these accepted slices nobody knows how much was changed, because their proposal was gone. */
  readonly unknownSlices: number;
  /**
   * The share of the compared slices with foreground that were accepted exactly as proposed. It is null where there are
   * none.
   */
  readonly unchanged: Share | null;
  /** The same share of the empty slices. */
  readonly unchangedEmpty: Share | null;
  /**
   * The spread over cases of the proposal's Dice: the mean over labels, pooled over the case's slices of this group.
   */
  readonly dice: Spread | null;
  /** The spread over slices with foreground. */
  readonly voxelsPerSlice: Spread | null;
  readonly secondsPerSlice: Spread | null;
  /** The spread over the finished cases that belong to this group. */
  readonly voxelsPerCase: Spread | null;
  readonly secondsPerCase: Spread | null;
}

/** What a finished case cost as a whole. `voxels` is null where it is not known of every slice. */
export interface CaseTotal {
  readonly voxels: number | null;
  readonly seconds: number;
}

/**
 * @param all the group's slices, as a list per case
 * @param finished the finished cases of the group
 */
export function effortFigures(all: readonly (readonly SliceEffort[])[], finished: readonly CaseTotal[]): EffortFigures {
  const byCase = all.map((each) => each.filter(({ neverShown }) => !neverShown));
  const slices = byCase.flat();
  const foreground = slices.filter(({ hasForeground }) => hasForeground === true);
  const empty = slices.filter(({ hasForeground }) => hasForeground === false);
  return {
    cases: all.filter((each) => each.length > 0).length,
    foregroundSlices: foreground.length,
    emptySlices: empty.length,
    neverShownSlices: all.flat().length - slices.length,
    unknownSlices: slices.length - foreground.length - empty.length,
    unchanged: shareOf(foreground),
    unchangedEmpty: shareOf(empty),
    dice: spreadOf(known(byCase.map((each) => pooledDice(each).mean))),
    voxelsPerSlice: spreadOf(known(foreground.map(({ voxels }) => voxels))),
    secondsPerSlice: spreadOf(measured(foreground)),
    voxelsPerCase: spreadOf(known(finished.map(({ voxels }) => voxels))),
    secondsPerCase: spreadOf(measured(finished)),
  };
}

export function spreadOf(values: readonly number[]): Spread | null {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  const [low, median, high] = [0.25, 0.5, 0.75].map((q) => quantile(sorted, q));
  return { n: sorted.length, low, median, high };
}

/** The 95 % interval of a share (Wilson 1927) stays inside [0, 1], and is sensible for small numbers too. */
export function shareInterval(count: number, of: number): Share {
  const z = 1.959964;
  const p = count / of;
  const middle = (p + (z * z) / (2 * of)) / (1 + (z * z) / of);
  const half = (z * Math.sqrt((p * (1 - p)) / of + (z * z) / (4 * of * of))) / (1 + (z * z) / of);
  return { count, of, low: Math.max(0, Math.min(p, middle - half)), high: Math.min(1, Math.max(p, middle + half)) };
}

function shareOf(slices: readonly SliceEffort[]): Share | null {
  const compared = slices.filter(({ unchanged }) => unchanged !== null);
  if (compared.length === 0) return null;
  return shareInterval(compared.filter(({ unchanged }) => unchanged).length, compared.length);
}

function known(values: readonly (number | null)[]): number[] {
  return values.filter((value) => value !== null);
}

/** Leaves out zeros: nobody accepts anything in no time, so 0 says that nothing was measured. */
function measured(parts: readonly { readonly seconds: number }[]): number[] {
  return parts.map(({ seconds }) => seconds).filter((seconds) => seconds > 0);
}
