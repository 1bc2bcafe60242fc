import { type LabelOverlap, overlapDice } from '../../case/state/slice-figures.ts';
import type { SliceRecord } from '../records/case-record.ts';

/** What an accepted slice cost. */
export interface SliceEffort {
  /**
   * The model version whose proposal it started from or turned down. It is null where it was drawn by hand from
   * nothing.
   */
  readonly version: number | null;
  /** Says whether there is anything on it, proposed or accepted. It is null where that is not known. */
  readonly hasForeground: boolean | null;
  /** It is true when it was accepted as proposed, and null where it was not compared. */
  readonly unchanged: boolean | null;
  /**
   * The voxels that differ from the proposal, or without a proposal those that were drawn (counted each time anew). It
   * is null where the proposal was gone when the slice was saved.
   */
  readonly voxels: number | null;
  /** The overlap of proposal and labels; it is empty without a proposal. */
  readonly labels: readonly LabelOverlap[];
  /** It was accepted together with others, and nobody had looked at it: it tells nothing of the model. */
  readonly neverShown: boolean;
  /** 0 means that it was not measured. */
  readonly seconds: number;
  readonly who: string | null;
  /** ISO 8601, UTC. */
  readonly when: string;
}

/** Returns null where nobody accepted the slice here: it waits, is being edited, or came with its label file. */
export function sliceEffort(slice: SliceRecord): SliceEffort | null {
  const {
    state,
    when,
    who,
    unseen = false,
    change,
    modelVersion,
    rejectedProposal,
    editedVoxels = 0,
    seconds = 0,
  } = slice;
  if (state !== 'accepted' || when === undefined) return null;
  const by = { seconds, who: who ?? null, when, neverShown: unseen };
  if (change) {
    const hasForeground = change.labels.length > 0;
    const taken = modelVersion !== undefined;
    return {
      ...by,
      version: change.model,
      hasForeground,
      unchanged: taken ? change.voxels === 0 : !hasForeground,
      voxels: change.voxels,
      labels: change.labels,
    };
  }
  const known = modelVersion === undefined && rejectedProposal === undefined;
  return {
    ...by,
    version: modelVersion ?? null,
    hasForeground: known ? editedVoxels > 0 : null,
    unchanged: null,
    voxels: known ? editedVoxels : null,
    labels: [],
  };
}

/**
 * Pools the proposal's Dice over some slices of one case, by file value and as their mean. It is null where nothing was
 * compared that has a label.
 */
export function pooledDice(slices: readonly Pick<SliceEffort, 'labels'>[]): {
  readonly mean: number | null;
  readonly labels: ReadonlyMap<number, number>;
} {
  const sums = new Map<number, LabelOverlap>();
  for (const [value, proposed, accepted, both] of slices.flatMap(({ labels }) => labels)) {
    const [, a, b, c] = sums.get(value) ?? [value, 0, 0, 0];
    sums.set(value, [value, a + proposed, b + accepted, c + both]);
  }
  const labels = new Map<number, number>();
  for (const [value, overlap] of [...sums].sort(([a], [b]) => a - b)) {
    const dice = overlapDice(overlap);
    if (dice !== null) labels.set(value, dice);
  }
  const values = [...labels.values()];
  return { mean: values.length === 0 ? null : values.reduce((a, b) => a + b, 0) / values.length, labels };
}
