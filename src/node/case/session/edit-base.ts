import { randomUUID } from 'node:crypto';
import {
  caseRecordOf,
  withFigures,
  withImage,
  withLabels,
  withMatchByNumber,
} from '../../../core/cohort/records/case-record.ts';
import type { SavedState } from '../../../core/cohort/records/saved-state.ts';
import type { CaseOnDisk } from '../case-save.ts';
import type { LoadedCase } from './load-case.ts';

/** What unsaved edits start from. */
export interface EditBase extends SavedState {
  /** Unique. */
  readonly name: string;
  /** Its files, when they were read or written. */
  readonly files: CaseOnDisk;
}

/** A case that was just read. Shares its voxels with the document until that is drawn on. */
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
