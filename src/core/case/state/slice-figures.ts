import type { VoxelAxis } from '../../geometry/vector.ts';
import type { ReadonlyLabelMap } from '../../label/label-map.ts';
import type { LabelTable } from '../../label/table/label-table.ts';
import type { Proposal } from './proposal.ts';
import { forEachSlicePiece, forEachSliceRange } from './slice-pieces.ts';

/**
 * What was measured of the work on one slice, taken when the case is saved. It is no part of an edit: undo gives back
 * neither time nor trouble. A figure is absent where it is not known.
 */
export interface SliceFigures {
  /** The active seconds (see `ActiveTime`). */
  readonly seconds?: number;
  /** It is there for an accepted slice for which there was a proposal. */
  readonly change?: ProposalChange;
}

/** Compares an accepted slice with the proposal that was taken over or rejected on it. */
export interface ProposalChange {
  /** The model version that proposed. */
  readonly model: number;
  /** So many voxels have another label than was proposed; 0 means accepted unchanged. */
  readonly voxels: number;
  /**
   * One entry per label that occurs in either, background left out, ascending: its file value, how many voxels it had
   * in the proposal, has now, and has in both. Sums over slices give the Dice of any set of slices.
   */
  readonly labels: readonly LabelOverlap[];
}
export type LabelOverlap = readonly [value: number, proposed: number, accepted: number, both: number];

/**
 * Compares slices with a proposal.
 *
 * @param labels as accepted; `proposal.labels` is on the same grid
 * @param table what the labels of both mean
 * @param axis the review axis; `slices` are indices along it
 * @returns by slice, all of `slices`
 */
export function changesAgainst(
  proposal: Pick<Proposal, 'labels' | 'modelVersion'>,
  labels: ReadonlyLabelMap,
  table: LabelTable,
  axis: VoxelAxis,
  slices: ReadonlySet<number>,
): Map<number, ProposalChange> {
  const counts = new Map([...slices].map((slice) => [slice, new SliceCounts()]));
  const compare = (start: number, length: number) =>
    proposal.labels.forEachRun(start, length, (proposed, runStart, runLength) => {
      labels.forEachRun(runStart, runLength, (accepted, at, count) => {
        if (proposed === 0 && accepted === 0) return;
        forEachSlicePiece(labels.shape, axis, at, count, (slice, _start, voxels) => {
          counts.get(slice)?.add(proposed, accepted, voxels);
        });
      });
    });
  // Along i a slice is made of single voxels, so one pass over everything is faster than looking at each.
  if (axis === 0) compare(0, labels.voxelCount);
  else for (const slice of slices) forEachSliceRange(labels.shape, axis, slice, compare);
  return new Map([...counts].map(([slice, each]) => [slice, each.change(proposal.modelVersion, table)]));
}

/** Returns the Dice of the proposal. It is null where the label is in neither. */
export function overlapDice([, proposed, accepted, both]: LabelOverlap): number | null {
  return proposed + accepted === 0 ? null : (2 * both) / (proposed + accepted);
}

class SliceCounts {
  readonly #proposed = new Map<number, number>();
  readonly #accepted = new Map<number, number>();
  readonly #both = new Map<number, number>();
  #changed = 0;

  add(proposed: number, accepted: number, voxels: number): void {
    increase(this.#proposed, proposed, voxels);
    increase(this.#accepted, accepted, voxels);
    if (proposed === accepted) increase(this.#both, proposed, voxels);
    else this.#changed += voxels;
  }

  change(model: number, table: LabelTable): ProposalChange {
    const labels = [...new Set([...this.#proposed.keys(), ...this.#accepted.keys()])]
      // A proposal may use a label whose creation was undone: it has no value to go by.
      .filter((label) => label !== 0 && table[label] !== undefined)
      .map((label): LabelOverlap => {
        const of = (counts: ReadonlyMap<number, number>) => counts.get(label) ?? 0;
        return [table[label].value, of(this.#proposed), of(this.#accepted), of(this.#both)];
      })
      .sort(([a], [b]) => a - b);
    return { model, voxels: this.#changed, labels };
  }
}

function increase(counts: Map<number, number>, label: number, by: number): void {
  counts.set(label, (counts.get(label) ?? 0) + by);
}
