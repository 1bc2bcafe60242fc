import { stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CaseFiles } from '../../core/cohort/files/case.ts';
import type { CohortCase } from '../../core/cohort/files/layouts/cohort-layout.ts';
import type { LeaveOut } from '../../core/cohort/left-out.ts';
import {
  type CaseRecord,
  CaseRecordError,
  hasProposedLabels,
  parseCaseRecord,
} from '../../core/cohort/records/case-record.ts';
import type { SplitCandidate } from '../../core/cohort/records/splits.ts';
import { CancelledError, VoxelLoopError } from '../../core/errors.ts';
import type { VoxelAxis } from '../../core/geometry/vector.ts';
import { isPlaceDoubtful, labelFit } from '../../core/label/label-fit.ts';
import type { LabelEntry } from '../../core/label/table/label-table.ts';
import { finishInterruptedSave, hasInterruptedSave, readCaseText } from '../../node/case/case-save.ts';
import type { CohortListing } from '../../node/cohort/cases/cohort-folder.ts';
import type { CohortStore } from '../../node/cohort/state/cohort-store.ts';
import { namingFile } from '../../node/files/file-errors.ts';
import { fileFingerprint } from '../../node/files/file-fingerprint.ts';
import { labelGridPaths } from '../../node/volumes/labels/case-labels.ts';
import { readVolumeHeader } from '../../node/volumes/read-volume.ts';
import { LeftReviews } from './left-reviews.ts';

/** A case with labels to learn from. */
export interface TrainableCase {
  readonly files: CaseFiles;
  readonly candidate: SplitCandidate;
  /**
   * The axis that its slices are counted along. It is null where none is recorded, so that it is chosen from the grid.
   */
  readonly reviewAxis: VoxelAxis | null;
  /**
   * Says for every slice whether it is accepted. It is null for a complete map that came without a record: all slices
   * count.
   */
  readonly accepted: readonly boolean[] | null;
  /** Labels that it names differently from its cohort; absent where there are none. */
  readonly ownLabels?: readonly LabelEntry[] | undefined;
  /** Its labels are read here: it is the label file of `files`, or what a training has kept of it. */
  readonly labelsPath: string;
  /**
   * What `labelsPath` must hold (`fileFingerprint`). It is null where it may hold anything, because there is no record.
   */
  readonly labelsFingerprint: string | null;
  /** What the channels must hold. It is null where they may hold anything. */
  readonly imageFingerprints: readonly string[] | null;
}

/**
 * Keeps a case's label file as it is now, and returns where. A second call for the same case replaces what the first
 * has kept.
 */
export type FreezeLabels = (files: CaseFiles) => Promise<string>;

/**
 * Finds the cases of a cohort that have labels to learn from. Test cases never have. A label file without a record is a
 * complete map; with one, the accepted slices count and nothing else.
 *
 * A label file that is not the one its record speaks of was changed outside: nobody knows what its slices are worth
 * until somebody has looked, so the case is left out, by name. So is one whose labels lie elsewhere in space: they
 * would be learned mirrored or shifted. So is one that was renamed while nobody looked and whose review still has the
 * old name (`LeftReviews`).
 *
 * A damaged record leaves its case out as well, and nothing else. The acceptances of a save that was interrupted count;
 * a training completes it.
 *
 * @param freeze a training keeps the label files with it, because they may be saved anew at any time; without it the
 * caller only looks, so that they are read where they lie and nothing is written
 * @param leaveOut is called with every case that is left out; one that cannot be read does not keep the others from
 * training
 * @throws CancelledError, and what is no fault of a case
 */
export async function findTrainableCases(
  listing: CohortListing,
  store: CohortStore,
  leaveOut: LeaveOut,
  freeze?: FreezeLabels,
): Promise<TrainableCase[]> {
  const found: TrainableCase[] = [];
  const leftReviews = await LeftReviews.read(store, listing);
  for (const each of listing.layout.cases) {
    try {
      const tell = (reason: string) => leaveOut({ id: each.files.id, reason });
      const trainable = await trainableOf(each, store, leftReviews, tell, freeze);
      if (!trainable) continue;
      // The first channel was already looked at, together with the labels.
      for (const path of new Set(each.files.channels.slice(1))) await namingFile(path, readVolumeHeader(path));
      found.push(trainable);
    } catch (error) {
      if (!(error instanceof VoxelLoopError) || error instanceof CancelledError) throw error;
      leaveOut({ id: each.files.id, reason: error.message });
    }
  }
  return found;
}

/**
 * @returns null if there is nothing to learn from, or the case is left out and `leaveOut` was told why
 * @throws VolumeFileError
 * @throws FileAccessError
 */
async function trainableOf(
  { files, labelled, test }: CohortCase,
  store: CohortStore,
  leftReviews: LeftReviews,
  leaveOut: (reason: string) => void,
  freeze: FreezeLabels | undefined,
): Promise<TrainableCase | null> {
  if (!labelled || test) return null;
  if (freeze) await finishInterruptedSave(store, files);
  const keep = freeze ? () => freeze(files) : undefined;
  const labelsPath = (await keep?.()) ?? files.labels;
  const current = await recordOfLabels(store, files, labelsPath, keep).catch((error: unknown) => {
    if (!(error instanceof CaseRecordError)) throw error;
    leaveOut(error.message);
  });
  if (current === undefined) return null;
  const { record, labelsFingerprint } = current;
  const accepted = record?.slices.map(({ state }) => state === 'accepted') ?? null;
  if (record && files.masks) {
    leaveOut(reviewedInGoneFile(files));
    return null;
  }
  if (accepted && !accepted.includes(true)) return null;
  const obstacle = await obstacleTo(files, labelsPath, current, leftReviews);
  if (obstacle !== null) {
    leaveOut(obstacle);
    return null;
  }
  return {
    files,
    candidate: {
      id: files.id,
      complete: !accepted?.includes(false),
      reviewed: record?.slices.some(({ state, source }) => state === 'accepted' && source !== 'imported') ?? false,
      proposed: record !== null && hasProposedLabels(record),
    },
    reviewAxis: record ? ({ i: 0, j: 1, k: 2 }[record.reviewAxis] as VoxelAxis) : null,
    accepted,
    labelsPath,
    labelsFingerprint,
    imageFingerprints: null,
    ownLabels: record?.labels,
  };
}

function reviewedInGoneFile({ labels }: CaseFiles): string {
  return `it was reviewed in a label file that is not there any more (${labels}). Bring that file back, or open the case, accept its slices again and save.`;
}

/** The reason why nothing may be learned from the labels of a case as they are; it is null if there is none. */
async function obstacleTo(
  files: CaseFiles,
  labelsPath: string,
  { record, speaksOfLabels, labelsFingerprint }: RecordOfLabels,
  leftReviews: LeftReviews,
): Promise<string | null> {
  if (!speaksOfLabels) {
    return record
      ? `${files.labels} was changed outside Voxel Loop. Open it and accept its slices again.`
      : `another program is writing ${files.labels}. Train again when it is done.`;
  }
  const reviewedElsewhere = await leftReviews.reasonAgainst({ files, record, labelsPath, labelsFingerprint });
  if (reviewedElsewhere !== null) return reviewedElsewhere;
  const misplaced = await misplacedLabels(files, labelsPath);
  return misplaced === null
    ? null
    : `${misplaced} places its voxels elsewhere in space than its image (their affines differ). Correct the file, or open the case, check it slice by slice and save: saving takes over the image's geometry.`;
}

/**
 * Says whether labels of a case started from a proposal, as far as its record says. Of a damaged record nobody knows,
 * so it is true.
 */
export async function startedFromProposal(store: CohortStore, id: string): Promise<boolean> {
  try {
    const record = await readCaseRecord(store, id, null);
    return record !== null && hasProposedLabels(record);
  } catch (error) {
    if (error instanceof CaseRecordError) return true;
    throw error;
  }
}

/**
 * Returns the file with labels that lies elsewhere in space than the image. It is null where none does. Other numbers
 * of voxels are for the loader to place, or to refuse.
 */
async function misplacedLabels(files: CaseFiles, labelsPath: string): Promise<string | null> {
  const { channels, labels, masks } = files;
  const image = await namingFile(channels[0], readVolumeHeader(channels[0]));
  for (const path of labelGridPaths(files, labelsPath)) {
    const named = masks ? path : labels;
    const labelled = await namingFile(named, readVolumeHeader(path));
    if (isPlaceDoubtful(labelFit(image.grid, labelled.grid).kind)) return named;
  }
  return null;
}

/**
 * A save writes labels and record one after the other: if they are read in between, they are read again before they are
 * believed.
 */
const SAVE_MS = 500;
const ATTEMPTS = 4;

interface RecordOfLabels {
  readonly record: CaseRecord | null;
  /**
   * It is true when the record speaks of what is read at `labelsPath`, or when there is no record and this is the whole
   * label file.
   */
  readonly speaksOfLabels: boolean;
  /** It is null where nobody has looked, because there is no record and nothing is kept. */
  readonly labelsFingerprint: string | null;
}

/**
 * @param keep keeps the label file at `labelsPath` again
 * @throws CaseRecordError
 */
async function recordOfLabels(
  store: CohortStore,
  { id, labels, masks }: CaseFiles,
  labelsPath: string,
  keep?: () => Promise<string>,
): Promise<RecordOfLabels> {
  if (masks) {
    const record = await readCaseRecord(store, id, null);
    const labelsFingerprint = keep ? await fileFingerprint(labelsPath) : null;
    // A record speaks of a label file of our own, which is not there.
    return { record, speaksOfLabels: record === null, labelsFingerprint };
  }
  for (let attempt = 1; ; attempt++) {
    const isSaving = await hasInterruptedSave(store, { id });
    const known = isSaving ? await fileFingerprint(labelsPath) : null;
    const record = await readCaseRecord(store, id, known);
    if (!record && !keep) return { record, speaksOfLabels: true, labelsFingerprint: null };
    const labelsFingerprint = known ?? (await fileFingerprint(labelsPath));
    // A program that was writing the file while it was copied has left us half of it.
    const speaksOfLabels = labelsFingerprint === (record?.labelsFingerprint ?? (await fileFingerprint(labels)));
    const found = { record, speaksOfLabels, labelsFingerprint };
    if (speaksOfLabels || attempt === ATTEMPTS) return found;
    const { mtimeMs } = await stat(labels);
    if (record && Date.now() - mtimeMs > 10 * SAVE_MS) return found;
    await sleep(SAVE_MS);
    await keep?.();
  }
}

/** @param labelsFingerprint of the label file, where a save that was interrupted may have put it in place */
async function readCaseRecord(
  store: CohortStore,
  id: string,
  labelsFingerprint: string | null,
): Promise<CaseRecord | null> {
  const text = await readCaseText(store, { id }, labelsFingerprint);
  if (text === null) return null;
  try {
    return parseCaseRecord(text);
  } catch (error) {
    if (!(error instanceof CaseRecordError)) throw error;
    throw new CaseRecordError(`${store.caseRecordPath(id)}: ${error.message}`, { cause: error });
  }
}
