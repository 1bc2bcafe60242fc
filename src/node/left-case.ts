import { dirname, join, sep } from 'node:path';
import type { CaseFiles } from '../core/cohort/files/case.ts';
import type { CohortLayout } from '../core/cohort/files/cohort-layout.ts';
import { endingOf } from '../core/cohort/files/file-names.ts';
import { reviewerLabelsPath } from '../core/cohort/files/reviewer-files.ts';
import { type CaseRecord, CaseRecordError, parseCaseRecord } from '../core/cohort/records/case-record.ts';
import { listCohort } from './cohort-folder.ts';
import type { CohortStore } from './cohort-store.ts';
import type { ImageIdentity } from './image-file.ts';
import { isThere, namesIfThere, textIfThere } from './missing-file.ts';
import { moveCase } from './move-case.ts';
import { renamedInCohort } from './renamed-in-cohort.ts';

/** A case that has a record, and no image of its name any more. */
export interface LeftCase {
  readonly id: string;
  /** Its label file under the old name; null: that was renamed with the image. */
  readonly labels: string | null;
}

/** An image without a record, whose work may lie under another name. */
export interface NamelessImage {
  /** Of its label file; null: there is none. */
  readonly labelsFingerprint: string | null;
  readonly sizeBytes: number;
  /** Reads the whole image the first time. */
  readonly identity: () => Promise<ImageIdentity | null>;
}

/**
 * The case whose image this was before it was renamed while nobody looked: without its record, labels would be missing, or labels of
 * which only a part was accepted would count as complete. Found by what the record says of label file and image, so that
 * nothing is guessed from names. Writes nothing.
 *
 * @param fingerprintOf see `fileFingerprint`
 * @throws CohortDescriptionError, CohortFolderError, FileAccessError
 */
export async function findLeftCase(
  store: CohortStore,
  image: NamelessImage,
  fingerprintOf: (path: string) => Promise<string>,
): Promise<LeftCase | null> {
  const ids = await store.caseRecordIds();
  if (ids.length === 0) return null;
  const { layout } = await listCohort(store.root);
  const known = new Set(layout.cases.map(({ files }) => files.id));
  for (const id of ids) {
    const record = known.has(id) ? null : await readRecord(store, id);
    if (!record?.labelsFingerprint || !(await mayBeOf(record, image))) continue;
    if (image.labelsFingerprint !== null) return { id, labels: null };
    const labels = await findLabels(layout, record.labelsFingerprint, fingerprintOf);
    if (labels !== null) return { id, labels };
  }
  return null;
}

/** Labels alone may be equal by chance where they are empty: an image that the record names must be this one. */
async function mayBeOf(record: CaseRecord, image: NamelessImage): Promise<boolean> {
  const { labelsFingerprint, sizeBytes } = image;
  if (labelsFingerprint !== null && record.labelsFingerprint !== labelsFingerprint) return false;
  if (!record.image) return labelsFingerprint !== null;
  return record.image.sizeBytes === sizeBytes && (await image.identity())?.fingerprint === record.image.fingerprint;
}

async function findLabels(
  { labelsWithoutImage }: CohortLayout,
  fingerprint: string,
  fingerprintOf: (path: string) => Promise<string>,
): Promise<string | null> {
  for (const path of labelsWithoutImage) {
    if ((await fingerprintOf(path).catch(() => null)) === fingerprint) return path;
  }
  return null;
}

/** Null where it is damaged, or went meanwhile. @throws FileAccessError */
async function readRecord(store: CohortStore, id: string): Promise<CaseRecord | null> {
  const text = await textIfThere(store.caseRecordPath(id));
  try {
    return text === null ? null : parseCaseRecord(text);
  } catch (error) {
    if (error instanceof CaseRecordError) return null;
    throw error;
  }
}

/**
 * Gives the work of a case the name of its image: label file, record, history, proposals, and what other people drew.
 * @param to the case of the image
 * @returns its label file, which is packed as before: it may be another one than `to` names
 * @throws CaseNameTakenError, CaseBusyError, UnsafePathError, FileAccessError, RecordError
 */
export async function carryLeftCase(store: CohortStore, { id, labels }: LeftCase, to: CaseFiles): Promise<string> {
  const { layout } = await listCohort(store.root);
  const own = labels ?? to.labels;
  const target = labels === null ? to.labels : withEndingOf(to.labels, labels);
  await renamedInCohort(store, id, to.id, async () => {
    // What belongs to other people first, as for every renaming.
    for (const reviewer of await reviewersOf(store, id)) {
      const theirs = reviewerLabelsPath(own, reviewer, layout.name);
      for (const path of ['.nii.gz', '.nii'].map((ending) => withEndingOf(theirs, ending))) {
        const there = withEndingOf(reviewerLabelsPath(target, reviewer, layout.name), path);
        if (!(await isThere(path))) continue;
        await moveCase({ store, id, labels: path, reviewer }, { store, id: to.id, labels: there, reviewer });
      }
    }
    await moveCase({ store, id, labels: own }, { store, id: to.id, labels: target });
  });
  return target;
}

async function reviewersOf(store: CohortStore, id: string): Promise<string[]> {
  const folder = join(store.stateDir, 'reviewers');
  const found: string[] = [];
  for (const reviewer of await namesIfThere(folder)) {
    if (await isThere(store.caseRecordPath(id, reviewer))) found.push(reviewer);
  }
  return found;
}

function withEndingOf(path: string, other: string): string {
  const name = path.slice(dirname(path).length + sep.length);
  return path.slice(0, path.length - endingOf(name).length) + endingOf(other);
}
