import type { CancelSignal } from '../../../core/cancel.ts';
import { CancelledError, VoxelLoopError } from '../../../core/errors.ts';
import type { LabelTable } from '../../../core/label/table/label-table.ts';
import { agreementOf, type CaseAgreement } from '../../../core/metrics/agreement.ts';
import { type ComparedMaps, compareLabelFiles } from './compare-label-files.ts';
import { checkReviewerNames } from './reviewer-names.ts';

/** A pair names the label files that two people drew for one case. */
export interface LabelFilePair {
  readonly id: string;
  readonly first: string;
  readonly second: string;
}

export interface Agreement {
  readonly cases: readonly CaseAgreement[];
  /** These cases could not be compared; the reason is a sentence. */
  readonly failed: readonly { readonly id: string; readonly reason: string }[];
  /**
   * Each sentence is about a case whose two files lie on different grids and were placed, or whose numbers are not
   * plainly labels.
   */
  readonly notes: readonly string[];
}

const TWO_PEOPLE: ComparedMaps = {
  first: 'the first label map',
  second: 'the second label map',
  mismatch: (id, shapes) =>
    shapes
      ? `The two label maps of ${id} have ${shapes.first.join(' x ')} and ${shapes.second.join(' x ')} voxels: both must be drawn on the same image.`
      : `The two label maps of ${id} lie at different places in the scanner (their affines differ): both must be drawn on the same image.`,
};

/**
 * Measures how far two people agree, case by case. A case that cannot be compared does not stop the others.
 * @param table the labels that have names; the files may hold further ones
 * @throws CancelledError
 */
export async function compareReviewers(
  pairs: readonly LabelFilePair[],
  table: LabelTable,
  options: {
    readonly ignoreValue?: number | null;
    /** Surface Dice counts surfaces that lie at most this far apart as equal. */
    readonly toleranceMm: number;
    readonly signal?: CancelSignal | undefined;
    readonly onCase?: (done: number, all: number) => void;
  },
): Promise<Agreement> {
  const { ignoreValue = null, toleranceMm, signal, onCase } = options;
  const cases: CaseAgreement[] = [];
  const failed: { id: string; reason: string }[] = [];
  const notes: string[] = [];
  for (const [index, { id, first, second }] of pairs.entries()) {
    try {
      await checkReviewerNames(second, table);
      const compared = await compareLabelFiles(id, second, first, table, {
        ignoreValue,
        toleranceMm,
        signal,
        maps: TWO_PEOPLE,
      });
      cases.push(agreementOf(compared.scores));
      notes.push(...compared.notes);
    } catch (error) {
      if (error instanceof CancelledError || !(error instanceof VoxelLoopError)) throw error;
      failed.push({ id, reason: error.message });
    }
    onCase?.(index + 1, pairs.length);
  }
  return { cases, failed, notes };
}
