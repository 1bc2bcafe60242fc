import { carryLeftCase, findLeftCase, type LeftCase } from '../renamed/left-case.ts';
import type { CaseSession } from '../session/case-session.ts';

/** Labels, or their review, that lie under the name that the image of an open case had before. */
export interface LeftLabels {
  readonly left: LeftCase;
  /** The label file as it was when they were found; it is null if there was none. */
  readonly labelsThen: string | null;
}

/**
 * Looks whether the image of a case that was just opened was renamed while nobody looked. A case that has a record has
 * its own work, and what a second reviewer drew is not found by its image.
 *
 * @param fingerprint see `volumeFingerprint`
 * @throws CohortDescriptionError, CohortFolderError, FileAccessError
 */
export async function findLeftLabels(
  session: CaseSession,
  fingerprint: (path: string) => Promise<string>,
): Promise<LeftLabels | null> {
  const { store, files, onDisk, ownerFile } = session;
  if (files.reviewer !== undefined || onDisk.record !== null) return null;
  const image = {
    labels:
      onDisk.labels === null ? null : { path: files.labels, fingerprint: onDisk.labels, isEmpty: isEmpty(session) },
    sizeBytes: ownerFile.known.sizeBytes,
    identity: () => ownerFile.identity(),
  };
  const left = await findLeftCase(store, image, fingerprint);
  return left && { left, labelsThen: onDisk.labels };
}

/**
 * Brings what was left to the case. Nothing may be drawn on it meanwhile.
 *
 * @returns `drawn-on` if there was other work on the case by now, and nothing has changed; `shown` if the session shows
 * what was left; `elsewhere` if it lies in another label file than the session's, so that the case must be opened anew
 * @throws what `carryLeftCase` throws
 */
export async function carryLeftLabels(
  session: CaseSession,
  { left, labelsThen }: LeftLabels,
  fingerprint: (path: string) => Promise<string>,
): Promise<'drawn-on' | 'shown' | 'elsewhere'> {
  // A running save ends first.
  await session.diskState();
  const isUntouched = !session.hasUnsavedChanges && session.onDisk.record === null;
  if (!isUntouched || session.onDisk.labels !== labelsThen) return 'drawn-on';
  const carried = await carryLeftCase(session.store, left, session.files, fingerprint);
  // A session saves to the label file that it was opened for.
  if (carried !== session.files.labels) return 'elsewhere';
  await session.reloadIfSaved();
  return 'shown';
}

function isEmpty({ document: { labels } }: CaseSession): boolean {
  return labels.count(0) === labels.voxelCount;
}
