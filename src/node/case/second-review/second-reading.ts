import { dirname } from 'node:path';
import { CaseDocument } from '../../../core/case/document/case-document.ts';
import { caseRecordOf } from '../../../core/cohort/records/document-record.ts';
import { LabelMap } from '../../../core/label/label-map.ts';
import { encodeLabelMap } from '../../../core/label/label-map-codec.ts';
import { copyInto } from '../../files/copy-into.ts';
import { labelPlace } from '../../files/label-place.ts';
import { saveCase } from '../case-save.ts';
import type { LabelFiles } from '../open/load-case.ts';
import type { CaseSession } from '../session/case-session.ts';

/**
 * Makes an empty label map of an open case at `path`, to be drawn by `reviewer` without seeing the first one.
 * @param mayComplete whether an interrupted save of these labels may be completed first
 * @throws FileAccessError and others of the files it writes
 */
export async function beginSecondReading(
  session: CaseSession,
  reviewer: string,
  path: string,
  labelFiles: Pick<LabelFiles, 'prepareLabels' | 'fingerprint'>,
  mayComplete: boolean,
): Promise<void> {
  const { planes, reviewPlane, table } = session.document;
  const labels = new LabelMap(session.grid.shape);
  const place = await labelPlace(session.store, path);
  await place.files.makeFolder(dirname(place.path));
  const content = { header: session.imageHeader, labels: encodeLabelMap(labels), table };
  const prepared = await labelFiles.prepareLabels(place.path, content);
  const record = caseRecordOf(new CaseDocument({ planes, reviewPlane, labels, table }), null);
  // Label file and record are saved as one, because labels without a record would count as complete.
  await saveCase(
    session.store,
    { id: session.files.id, labels: path, reviewer },
    { labels: prepared, record, recordBefore: record, history: [] },
    {
      fingerprint: (file) => labelFiles.fingerprint(file),
      mayComplete,
      check: () => undefined,
      replaced: () => undefined,
    },
  );
}

/** Copies a label map that somebody drew elsewhere into the cohort of an open case. @throws FileAccessError */
export async function importSecondReading(session: CaseSession, source: string, path: string): Promise<void> {
  const place = await labelPlace(session.store, path);
  await place.files.makeFolder(dirname(place.path));
  await copyInto(place.files, source, place.path);
}
