import type { CaseRecord } from '../../../core/cohort/records/case-record.ts';
import { caseRecordOf } from '../../../core/cohort/records/document-record.ts';
import type { ReadonlyLabelMap } from '../../../core/label/label-map.ts';
import { type LabelTable, sameLabelTable } from '../../../core/label/table/label-table.ts';
import type { CaseOnDisk } from '../case-save.ts';
import { diskStateOf } from './disk-state.ts';
import type { LoadedCase } from './load-case.ts';

/**
 * A case that had neither labels nor a record when it was opened. Saves make both; when all that was done is undone, an
 * empty label file would claim that somebody labelled a case that nobody did.
 */
export class UnlabelledCase {
  /** Saves of this session wrote this last; nothing else may be removed. */
  #written: CaseOnDisk | null = null;

  constructor(
    private readonly table: LabelTable,
    /** The record as a save would have written it when the case was opened. */
    readonly record: CaseRecord,
  ) {}

  /** A save has put this in place. */
  wrote(onDisk: CaseOnDisk): void {
    this.#written = onDisk;
  }

  /**
   * Tells whether saves of this session made what lies there, and the state to save is the one that there was before
   * them.
   */
  isAgain(labels: ReadonlyLabelMap, table: LabelTable, record: CaseRecord, onDisk: CaseOnDisk): boolean {
    return (
      this.#written !== null &&
      diskStateOf(this.#written, onDisk).kind === 'unchanged' &&
      labels.highestLabel === 0 &&
      sameLabelTable(table, this.table) &&
      record.rejectedComponents === undefined &&
      record.earlierRejections === undefined &&
      record.slices.every((slice) => slice.state === 'unreviewed' && Object.keys(slice).length === 1)
    );
  }
}

/** It is null if the case has a label file or a record. */
export function unlabelledCase({ document, onDisk }: LoadedCase): UnlabelledCase | null {
  const isNothing = onDisk.labels === null && onDisk.record === null;
  return isNothing ? new UnlabelledCase(document.table, caseRecordOf(document, null)) : null;
}
