import { type LabelOverlap, overlapDice } from '../../case/state/slice-figures.ts';
import type { SliceRecord } from '../records/case-record.ts';

/** What an accepted slice cost. */
export interface SliceEffort {
  /** The model version whose proposal it started from or turned down; null: drawn by hand from nothing. */
  readonly version: number | null;
  /** Whether there is anything on it, proposed or accepted; null: not known. */
  readonly hasForeground: boolean | null;
  /** Accepted as proposed; null where it was not compared. */
  readonly unchanged: boolean | null;
  /**
   * Voxels that are other than proposed, or without a proposal those that were drawn (each time anew); null: the proposal
   * was gone when the slice was saved.
   */
  readonly voxels: number | null;
  /** Of the comparison with the proposal; empty without one. */
  readonly labels: readonly LabelOverlap[];
  /** It was accepted together with others, and nobody had looked at it: it tells nothing of the model. */
  readonly neverShown: boolean;
  /** 0: not measured. */
  readonly seconds: number;
  readonly who: string | null;
  /** ISO 8601, UTC. */
  readonly when: string;
}

/** Null: nobody accepted the slice here (it waits, is being edited, or came with its label file). */
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
 * Dice of the proposal over some slices of one case, pooled: by file value, and their mean. Null where nothing was compared
 * that has a label.
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
