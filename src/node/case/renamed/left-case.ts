import { dirname, join, relative, sep } from 'node:path';
import type { CaseFiles } from '../../../core/cohort/files/case.ts';
import type { CohortLayout } from '../../../core/cohort/files/layouts/cohort-layout.ts';
import { endingOf, stemOf } from '../../../core/cohort/files/names/file-names.ts';
import {
  reviewerLabelsPath,
  splitReviewer,
  splitReviewerFolder,
} from '../../../core/cohort/files/names/reviewer-files.ts';
import { type CaseRecord, CaseRecordError, parseCaseRecord } from '../../../core/cohort/records/case-record.ts';
import { OWN_FORMAT } from '../../../core/formats/registry.ts';
import { listCohort } from '../../cohort/cases/cohort-folder.ts';
import type { CohortStore } from '../../cohort/state/cohort-store.ts';
import { isThere, namesIfThere, statIfThere, textIfThere } from '../../files/missing-file.ts';
import type { ImageIdentity } from '../../volumes/image-file.ts';
import { type CaseMove, moveCases } from './move-case.ts';
import { renamedInCohort } from './renamed-in-cohort.ts';

/** A case that has a record, but no image of its name any more. */
export interface LeftCase {
  readonly id: string;
  /** Its label file under the old name; it is null if that was renamed with the image. */
  readonly labels: string | null;
}

/** An image without a record, whose work may lie under another name. */
export interface NamelessImage {
  /** Its label file; it is null if there is none. */
  readonly labels: {
    readonly path: string;
    readonly fingerprint: string;
    readonly isEmpty: boolean;
  } | null;
  readonly sizeBytes: number;
  /** Returns the identity of the image; the first call reads the whole image. */
  readonly identity: () => Promise<ImageIdentity | null>;
}

/**
 * Finds the case whose image this was before it was renamed while nobody looked. Without its record, labels would be
 * missing, or labels of which only a part was accepted would count as complete. It is found by what the record says of
 * label file and image, so that nothing is guessed from names. Nothing is written.
 *
 * @param fingerprintOf see `volumeFingerprint`
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
    if (image.labels !== null) {
      if (record.image || (await isOneOfItsKind(image.labels, layout, fingerprintOf))) return { id, labels: null };
      continue;
    }
    const labels = await findLabels(layout, record.labelsFingerprint, fingerprintOf);
    if (labels !== null) return { id, labels };
  }
  return null;
}

/**
 * An image that the record names must be this one. A record of an earlier version names none; then only labels tell,
 * and empty ones may be equal by chance.
 */
async function mayBeOf(record: CaseRecord, image: NamelessImage): Promise<boolean> {
  const { labels, sizeBytes } = image;
  if (labels !== null && record.labelsFingerprint !== labels.fingerprint) return false;
  if (!record.image) return labels !== null && !labels.isEmpty;
  return record.image.sizeBytes === sizeBytes && (await image.identity())?.fingerprint === record.image.fingerprint;
}

/** If several cases start from the same labels (an atlas), these do not tell whose review is meant. */
async function isOneOfItsKind(
  { path, fingerprint }: NonNullable<NamelessImage['labels']>,
  { cases }: CohortLayout,
  fingerprintOf: (path: string) => Promise<string>,
): Promise<boolean> {
  const size = (await statIfThere(path))?.size;
  for (const { labelled, files } of cases) {
    if (!labelled || files.labels === path || (await statIfThere(files.labels))?.size !== size) continue;
    if ((await fingerprintOf(files.labels).catch(() => null)) === fingerprint) return false;
  }
  return true;
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

/** The record is null if it is damaged, or went meanwhile. @throws FileAccessError */
async function readRecord(store: CohortStore, id: string, reviewer?: string): Promise<CaseRecord | null> {
  const text = await textIfThere(store.caseRecordPath(id, reviewer));
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
 * @param fingerprintOf see `volumeFingerprint`
 * @returns the label file, which is packed as before, so that it may be another one than `to` names
 * @throws CaseNameTakenError, CaseBusyError, UnsafePathError, FileAccessError, RecordError
 */
export async function carryLeftCase(
  store: CohortStore,
  { id, labels }: LeftCase,
  to: CaseFiles,
  fingerprintOf: (path: string) => Promise<string>,
): Promise<string> {
  const { layout } = await listCohort(store.root);
  const own = labels ?? to.labels;
  const target = labels === null ? to.labels : withEndingOf(to.labels, labels);
  const theirs = await labelsOfOthers(store, layout, { id, labels: own }, fingerprintOf);
  // What belongs to other people is moved first, as in every renaming.
  const moves = theirs.map(([reviewer, path]): CaseMove => {
    const there = withEndingOf(reviewerLabelsPath(target, reviewer, layout.name), path);
    return { from: { store, id, labels: path, reviewer }, to: { store, id: to.id, labels: there, reviewer } };
  });
  const move = { from: { store, id, labels: own }, to: { store, id: to.id, labels: target } };
  await renamedInCohort(store, id, to.id, () => moveCases([...moves, move]));
  return target;
}

/**
 * Finds what other people drew of a case whose image is gone, and who they are. Such a file has the case's name, or
 * lies beside its label file, or their record speaks of it.
 */
async function labelsOfOthers(
  store: CohortStore,
  layout: CohortLayout,
  { id, labels }: { readonly id: string; readonly labels: string },
  fingerprintOf: (path: string) => Promise<string>,
): Promise<[reviewer: string, path: string][]> {
  const found = new Map<string, string>();
  for (const path of layout.labelsWithoutImage) {
    const named = namedAfter(relative(store.root, path));
    if (named?.id === id) found.set(named.reviewer, path);
  }
  for (const reviewer of await reviewersOf(store, id)) {
    const beside = reviewerLabelsPath(labels, reviewer, layout.name);
    for (const path of OWN_FORMAT.endings.map((ending) => withEndingOf(beside, ending))) {
      if (!found.has(reviewer) && (await isThere(path))) found.set(reviewer, path);
    }
    const fingerprint = found.has(reviewer) ? null : (await readRecord(store, id, reviewer))?.labelsFingerprint;
    const saved = fingerprint ? await findLabels(layout, fingerprint, fingerprintOf) : null;
    if (saved !== null) found.set(reviewer, saved);
  }
  return [...found];
}

/** The case and the reviewer that a label map's path names (`reviewerLabelsPath`); it is null if it names none. */
function namedAfter(path: string): { readonly id: string; readonly reviewer: string } | null {
  const folders = path.split(sep);
  const stem = stemOf(folders.pop() ?? '');
  const ofFolder = splitReviewerFolder(folders.join('/'));
  if (ofFolder) return { id: stem, reviewer: ofFolder.reviewer };
  const split = splitReviewer(stem);
  return split && { id: [...folders, split.imageStem].join('__'), reviewer: split.reviewer };
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
