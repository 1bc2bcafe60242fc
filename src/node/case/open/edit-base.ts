import { randomUUID } from 'node:crypto';
import { withFigures, withImage, withLabels, withMatchByNumber } from '../../../core/cohort/records/case-record.ts';
import { caseRecordOf } from '../../../core/cohort/records/document-record.ts';
import type { SavedState } from '../../../core/cohort/records/saved-state.ts';
import type { CaseOnDisk } from '../case-save.ts';
import type { LoadedCase } from './load-case.ts';

/** The state that unsaved edits start from. */
export interface EditBase extends SavedState {
  /** The name is unique. */
  readonly name: string;
  /** Its files, when they were read or written. */
  readonly files: CaseOnDisk;
}

/** Makes the base of a case that was just read. It shares its voxels with the document until that is drawn on. */
export function editBaseOf({
  document,
  onDisk,
  figures,
  arrival,
  ownLabels,
  matchedByNumber,
  image,
}: LoadedCase): EditBase {
  const { labels, table } = document;
  const reviewed = withLabels(withFigures(caseRecordOf(document, onDisk.labels), figures), ownLabels);
  const record = withImage(withMatchByNumber(reviewed, matchedByNumber), image);
  return { name: randomUUID(), files: onDisk, labels: labels.clone(), table, record, arrival };
}
