import type { PredictedComponent } from '../../case/state/predicted-component.ts';
import { type SignalColumns, type SliceSignals, signalsOfSlice } from '../../case/state/slice-signals.ts';
import type { VoxelAxis } from '../../geometry/vector.ts';
import { expectedGains } from './expected-gain.ts';

/** What is proposed for one case and waits for a person. */
export interface CaseToQueue {
  readonly id: string;
  /** The signals by slice along the review axis. */
  readonly signals: SignalColumns;
  /** The slices on which the proposal is pending, ascending. */
  readonly pendingSlices: readonly number[];
  readonly components: readonly PredictedComponent[];
  readonly reviewAxis: VoxelAxis;
}

/** Slices that follow one another and are about as doubtful. */
export interface QueuedSlices {
  readonly kind: 'slices';
  /** The range goes from `first` to `last`, both included. */
  readonly first: number;
  readonly last: number;
  /** The worst slice of the range. */
  readonly slice: number;
  readonly signals: SliceSignals;
  readonly gain: number;
}

/** A piece of a label that is doubtful by itself. */
export interface QueuedComponent {
  readonly kind: 'component';
  readonly component: PredictedComponent;
  readonly gain: number;
}

export type QueueEntry = QueuedSlices | QueuedComponent;

export interface QueuedCase {
  readonly id: string;
  /** The mean gain of the pending slices on which something is proposed. */
  readonly gain: number;
  /** The number of slices that wait. */
  readonly pending: number;
  /** The worst entry comes first, and there is at least one. */
  readonly entries: readonly QueueEntry[];
}

/** A neighbour belongs to a range while its gain is at least this share of the worst one's. */
const ABOUT_AS_DOUBTFUL = 0.5;
/** Slices of less gain are most likely right as they are: they start no range. */
const LEAST_GAIN = 0.02;
/** A piece of which more than this is expected to be wrong is named by itself. */
const DOUBTFUL_PIECE = 0.25;
/** More places than this in one case say only that all of it is to be looked at. */
const MOST_PER_CASE = 5;

/**
 * Queues the cases with pending slices, the one with most to gain first, and in each the places to look at, worst
 * first.
 *
 * A case is placed by the MEAN gain of the slices on which something is proposed, not by its worst slice: nearly every
 * case has one bad slice where a structure ends. (It was measured on two models as Spearman's correlation with the
 * case's mean Dice error over 52 cases: mean 0.52 and 0.55, worst slice 0.20 and 0.16; see
 * docs/measurements/uncertainty.md.) Ties go by id, then by place, so that the same proposals always give the same
 * queue.
 *
 * @param most only this many cases are given
 */
export function queueCases(cases: readonly CaseToQueue[], most = Number.POSITIVE_INFINITY): QueuedCase[] {
  return cases
    .filter(({ pendingSlices }) => pendingSlices.length > 0)
    .map((each) => ({ each, gain: caseGain(each) }))
    .sort((a, b) => b.gain - a.gain || (a.each.id < b.each.id ? -1 : 1))
    .slice(0, most)
    .map(({ each, gain }) => ({
      id: each.id,
      gain,
      pending: each.pendingSlices.length,
      entries: entriesOf(each, expectedGains(each.signals)),
    }));
}

function caseGain({ signals, pendingSlices }: CaseToQueue): number {
  const { areaMm2 } = signals;
  const gains = expectedGains(signals);
  const shown = areaMm2 ? pendingSlices.filter((slice) => areaMm2[slice] > 0) : pendingSlices;
  const counted = shown.length > 0 ? shown : pendingSlices;
  return counted.reduce((sum, slice) => sum + gains[slice], 0) / counted.length;
}

function entriesOf(each: CaseToQueue, gains: readonly number[]): QueueEntry[] {
  const ranges = rangesOf(each, gains);
  const pending = new Set(each.pendingSlices);
  const pieces = each.components.flatMap((component): QueuedComponent[] => {
    if (component.uncertainty <= DOUBTFUL_PIECE) return [];
    const first = component.min[each.reviewAxis];
    const last = component.max[each.reviewAxis] - 1;
    let waits = false;
    for (let slice = first; slice <= last; slice++) waits ||= pending.has(slice);
    // Who looks at slices that are worse still sees the piece there.
    const isNamed = ranges.some(
      (range) => range.first <= first && last <= range.last && range.gain >= component.uncertainty,
    );
    return waits && !isNamed ? [{ kind: 'component', component, gain: component.uncertainty }] : [];
  });
  // Sorting is stable, so ranges come before pieces, and each keep their own order.
  return [...ranges, ...pieces].sort((a, b) => b.gain - a.gain).slice(0, MOST_PER_CASE);
}

/**
 * Finds ranges of pending slices from the worst one on. There is at least one, so that no case that waits is without a
 * place.
 */
function rangesOf({ signals, pendingSlices }: CaseToQueue, gains: readonly number[]): QueuedSlices[] {
  const left = new Map(pendingSlices.map((slice) => [slice, gains[slice]]));
  const worstFirst = [...left].sort(([a, gainA], [b, gainB]) => gainB - gainA || a - b);
  const ranges: QueuedSlices[] = [];
  for (const [slice, gain] of worstFirst) {
    if (!left.has(slice)) continue;
    if (ranges.length > 0 && (gain < LEAST_GAIN || ranges.length === MOST_PER_CASE)) break;
    const belongs = (other: number) => (left.get(other) ?? -1) >= gain * ABOUT_AS_DOUBTFUL;
    let [first, last] = [slice, slice];
    while (belongs(first - 1)) first--;
    while (belongs(last + 1)) last++;
    for (let taken = first; taken <= last; taken++) left.delete(taken);
    ranges.push({ kind: 'slices', first, last, slice, signals: signalsOfSlice(signals, slice), gain });
  }
  return ranges;
}
