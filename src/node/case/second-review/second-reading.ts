import { basename, dirname } from 'node:path';
import { CaseDocument } from '../../../core/case/document/case-document.ts';
import { isWritableName } from '../../../core/cohort/files/names/file-names.ts';
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

/**
 * Brings a label map that somebody drew elsewhere into the cohort of an open case. A NIfTI file is copied as it is. One
 * of another format is written as NIfTI on the grid of the image, because label maps are changed and saved in that format
 * alone, and others may consist of several files. A NIfTI file has no names of labels: their values count.
 * @param path it ends as the source does, if that is a NIfTI file
 * @returns sentences for the user about what was written
 * @throws FileAccessError, and what reading and writing label files throws
 */
export async function importSecondReading(
  session: CaseSession,
  source: string,
  path: string,
  labelFiles: Pick<LabelFiles, 'readLabels' | 'writeLabels'>,
): Promise<readonly string[]> {
  const place = await labelPlace(session.store, path);
  await place.files.makeFolder(dirname(place.path));
  if (isWritableName(basename(source))) {
    await copyInto(place.files, source, place.path);
    return [];
  }
  const known = { grid: session.grid, table: session.document.table };
  const { labels, table, warnings } = await labelFiles.readLabels(source, known);
  await place.files.check(place.path);
  await labelFiles.writeLabels(place.path, { header: session.imageHeader, labels, table });
  return warnings;
}
