import { type CsvCell, csvText } from '../../text/csv.ts';
import type { CaseRecord } from '../records/case-record.ts';
import { recordedLooks } from '../records/document-record.ts';
import type { EffortReport } from './effort.ts';
import { pooledDice, sliceEffort } from './slice-effort.ts';

/**
 * Writes one row per accepted slice of the records (`csvText`). The columns are documented in docs/effort.md; an empty
 * cell means not known. Times of acceptance are ISO 8601 in UTC.
 */
export function sliceEffortCsv(records: ReadonlyMap<string, CaseRecord>): string {
  const rows: { readonly cells: readonly CsvCell[]; readonly dice: ReadonlyMap<number, number> }[] = [];
  for (const [id, record] of [...records].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const looked = new Set(recordedLooks(record).map(([slice]) => slice));
    for (const [index, slice] of record.slices.entries()) {
      const effort = sliceEffort(slice);
      if (!effort) continue;
      const { mean, labels } = pooledDice([effort]);
      const { who, when, version, hasForeground, unchanged, voxels, neverShown, seconds } = effort;
      // Records that were written before looks were recorded say nothing of it.
      const isKnown = neverShown || looked.has(index);
      const start =
        slice.modelVersion !== undefined ? 'proposal' : slice.rejectedProposal !== undefined ? 'rejected' : 'hand';
      rows.push({
        dice: labels,
        cells: [
          id,
          index,
          record.reviewAxis,
          who,
          when,
          start,
          version,
          hasForeground,
          unchanged,
          voxels,
          slice.editedVoxels ?? 0,
          seconds,
          isKnown ? neverShown : null,
          mean,
        ],
      });
    }
  }
  return withDiceColumns(
    [
      'case',
      'slice',
      'review_axis',
      'accepted_by',
      'accepted_at',
      'start',
      'model_version',
      'foreground',
      'accepted_unchanged',
      'voxels_changed',
      'voxels_drawn',
      'active_seconds',
      'never_shown',
      'proposal_dice',
    ],
    rows,
  );
}

/** Writes one row per case in which somebody accepted a slice; otherwise it is as `sliceEffortCsv`. */
export function caseEffortCsv({ cases }: EffortReport): string {
  return withDiceColumns(
    [
      'case',
      'model_version',
      'finished',
      'slices',
      'accepted_slices',
      'foreground_slices',
      'accepted_unchanged',
      'voxels_changed',
      'active_seconds',
      'never_shown_slices',
      'last_accepted_at',
      'proposal_dice',
    ],
    cases.map((each) => ({
      dice: each.labelDice,
      cells: [
        each.id,
        each.version,
        each.finished,
        each.slices,
        each.acceptedSlices,
        each.foregroundSlices,
        each.unchangedSlices,
        each.voxels,
        each.seconds,
        each.neverShownSlices,
        each.lastAccepted,
        each.dice,
      ],
    })),
  );
}

/** Adds a column `dice_<file value>` for every label that occurs. */
function withDiceColumns(
  columns: readonly string[],
  rows: readonly { readonly cells: readonly CsvCell[]; readonly dice: ReadonlyMap<number, number> }[],
): string {
  const values = [...new Set(rows.flatMap(({ dice }) => [...dice.keys()]))].sort((a, b) => a - b);
  const lines = [
    [...columns, ...values.map((value) => `dice_${value}`)],
    ...rows.map(({ cells, dice }) => [...cells, ...values.map((value) => dice.get(value))]),
  ];
  return csvText(lines);
}
