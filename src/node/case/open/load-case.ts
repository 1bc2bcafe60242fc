import { basename } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { CaseDocument } from '../../../core/case/document/case-document.ts';
import type { SliceFigures } from '../../../core/case/state/slice-figures.ts';
import type { CaseFiles } from '../../../core/cohort/files/case.ts';
import { type CaseRecord, parseCaseRecord, recordedFigures } from '../../../core/cohort/records/case-record.ts';
import { importedCaseRecord, restoreReview } from '../../../core/cohort/records/document-record.ts';
import type { Arrival } from '../../../core/cohort/records/saved-state.ts';
import { VoxelLoopError } from '../../../core/errors.ts';
import type { VoxelGrid } from '../../../core/geometry/grid.ts';
import { type PlaneName, slicePlanes } from '../../../core/geometry/slice-plane.ts';
import { LabelMap } from '../../../core/label/label-map.ts';
import { decodeLabelMapInPieces } from '../../../core/label/label-map-codec.ts';
import type { LabelEntry } from '../../../core/label/table/label-table.ts';
import { inOrderOfValues } from '../../../core/label/table/label-values.ts';
import { withOwnLabels } from '../../../core/label/table/own-labels.ts';
import { cohortLabelTable } from '../../cohort/labels/cohort-labels.ts';
import { contradictingNames } from '../../cohort/labels/label-table-file.ts';
import type { CohortStore } from '../../cohort/state/cohort-store.ts';
import { labelPlace } from '../../files/label-place.ts';
import { isThere } from '../../files/missing-file.ts';
import { textFingerprint } from '../../files/text-fingerprint.ts';
import type { VolumeWorkerClient } from '../../volume-worker/volume-worker-client.ts';
import type { ImageFile } from '../../volumes/image-file.ts';
import { type CaseOnDisk, finishInterruptedSave, readCaseText, removeLeftOfSaves } from '../case-save.ts';
import { firstReviewPlane } from './review-plane.ts';

/** Reads and writes label files, not on the caller's thread. */
export type LabelFiles = Pick<
  VolumeWorkerClient,
  'readLabels' | 'writeLabels' | 'prepareLabels' | 'readProposal' | 'fingerprint'
>;

/** A session needs to know this of the image that its labels lie on. */
export interface SessionImage {
  /** The file that is drawn on. */
  readonly file: ImageFile;
  /**
   * The first image of the case, which says whose work this is. It is the same file, unless another channel is drawn
   * on.
   */
  readonly owner: ImageFile;
  readonly grid: VoxelGrid;
  /** The header as it stood in the file when that was opened. Labels are written with its geometry. */
  readonly header: Uint8Array;
}

/** A case as it lies on the disk. */
export interface LoadedCase {
  readonly document: CaseDocument;
  readonly onDisk: CaseOnDisk;
  /** These sentences tell the user about the label file. */
  readonly warnings: readonly string[];
  /** The first save makes this permanent, so the user must agree to it; it is null if there is nothing of the kind. */
  readonly asksBeforeSave: string | null;
  /** The labels that this case names or colours otherwise than its cohort. */
  readonly ownLabels: readonly LabelEntry[];
  /** The facts that the record knows of the work on each slice. */
  readonly figures: readonly SliceFigures[];
  readonly arrival: Arrival;
  /**
   * The question whether the labels shall be matched by number; it is null if there is no such choice, or it was made.
   */
  readonly placeQuestion: string | null;
  /** The orientation that the label file claims, where its voxels were matched by number instead. */
  readonly matchedByNumber: string | undefined;
  /** The image that these labels were saved for, where the record names it. */
  readonly image: CaseRecord['image'];
}

/** The wishes about how a document shall start. */
export interface Wanted {
  /** The labels shall have these file values, in this order. */
  readonly values: readonly number[];
  /** This plane counts where no record says how the case is reviewed. */
  readonly reviewPlane: PlaneName;
  /** The user says that the header of the label file is wrong (`mayMatchByNumber`). */
  readonly matchesByNumber?: boolean;
}

/** Reading is tried so often: somebody who saves all the time cannot be waited for. */
const READS = 3;

/**
 * Reads a case.
 * @param completes true if an interrupted save is completed first, because the case is opened to edit it in a folder
 * that the user trusts
 * @throws VolumeFileError, FileAccessError (also of a link that leads nowhere: such labels are not absent), RecordError
 * and others of the files it reads
 */
export async function loadCase(
  labelFiles: LabelFiles,
  image: SessionImage,
  files: CaseFiles,
  store: CohortStore,
  completes: boolean,
  wanted?: Wanted,
): Promise<LoadedCase> {
  const planes = slicePlanes(image.grid, 'radiological');
  const known = inOrderOfValues(await cohortLabelTable(store), wanted?.values ?? []);
  const obstacle = await obstacleToSaving(store, files, completes);
  const placing = { table: known, grid: image.grid, matchesByNumber: wanted?.matchesByNumber };
  const { labels: read, text, isOwn } = await readTogether(labelFiles, files, store, placing);
  const record = text === null ? null : parseCaseRecord(text);
  const reviewPlane = wanted?.reviewPlane ?? (await firstReviewPlane(store, planes, image.grid));
  const onDisk = {
    labels: isOwn ? (read?.fingerprint ?? null) : null,
    record: text === null ? null : textFingerprint(text),
  };
  const warnings = obstacle ? [obstacle] : [];
  if (!read) {
    const isLost = record !== null && record.labelsFingerprint !== null;
    if (isLost) warnings.push(labelsLostNote(basename(files.labels)));
    const document = new CaseDocument({ planes, reviewPlane, labels: new LabelMap(image.grid.shape), table: known });
    return withoutLabels(document, onDisk, warnings);
  }
  // Labels that came without a record are complete: they count as imported.
  const review = restoreReview(record ?? importedCaseRecord(planes[reviewPlane], read.fingerprint), planes);
  if (record !== null && !isOwn) warnings.push(labelsAreGone(files));
  const isOurs = record === null || (isOwn && record.labelsFingerprint === read.fingerprint);
  const mayCount = isOurs && !read.isPlaceDoubtful;
  const table = withOwnLabels(read.table, record?.labels ?? []);
  const document = new CaseDocument({
    planes,
    labels: await decodeLabelMapInPieces(read.labels, undefined, setImmediate),
    table,
    ...review,
    // Another program wrote the file since (nobody knows which slices), or the labels may lie mirrored or shifted, so
    // each acceptance must be given again.
    review: mayCount ? review.review : review.review.map((state) => (state === 'accepted' ? 'edited' : state)),
  });
  return {
    document,
    onDisk,
    warnings: [...warnings, ...(await contradictingNames(files.labels, table)), ...read.warnings],
    asksBeforeSave: read.asksBeforeSave,
    ownLabels: record?.labels ?? [],
    figures: record ? recordedFigures(record) : [],
    arrival: record === null ? 'imported' : isOurs ? 'as-saved' : 'changed-outside',
    placeQuestion: read.turned && !read.turned.isByNumber ? read.turned.question : null,
    image: isOurs ? record?.image : undefined,
    matchedByNumber: read.turned?.isByNumber ? read.turned.orientation : isOurs ? record?.matchedByNumber : undefined,
  };
}

function withoutLabels(document: CaseDocument, onDisk: LoadedCase['onDisk'], warnings: readonly string[]): LoadedCase {
  return {
    document,
    onDisk,
    warnings,
    asksBeforeSave: null,
    ownLabels: [],
    figures: [],
    arrival: 'as-saved',
    placeQuestion: null,
    matchedByNumber: undefined,
    image: undefined,
  };
}

function labelsAreGone({ labels, masks }: CaseFiles): string {
  const shown = masks?.[0].isLabelMap ? `${basename(masks[0].path)} is` : 'the masks of its structures are';
  return `The label file that this case was reviewed in is not there any more (${labels}), so that ${shown} shown: bring the file back, or accept the slices again.`;
}

function labelsLostNote(name: string): string {
  return `${name} was saved before and is not there any more. Restore it, or give it back its name, before you draw: the next save writes a new one, with a new review.`;
}

/**
 * Prepares for saves of this case, as far as something may be written.
 * @returns the reason, for the user, why they will fail. It is null if none is known, or if a link leads elsewhere,
 * which the editor looks at before anybody draws. The case opens all the same, because what counts can be read
 * (`readCaseText`)
 */
async function obstacleToSaving(store: CohortStore, files: CaseFiles, completes: boolean): Promise<string | null> {
  try {
    await labelPlace(store, files.labels);
  } catch (error) {
    if (error instanceof VoxelLoopError) return null;
    throw error;
  }
  if (!completes) return null;
  try {
    await finishInterruptedSave(store, files);
    await removeLeftOfSaves(store, files);
    return null;
  } catch (error) {
    if (error instanceof VoxelLoopError) return error.message;
    throw error;
  }
}

/**
 * Reads label file and record of one moment, even while another window saves. Where there is no label file, it reads
 * the masks that the case has instead.
 */
async function readTogether(
  labelFiles: LabelFiles,
  files: CaseFiles,
  store: CohortStore,
  known: Parameters<LabelFiles['readLabels']>[1],
) {
  for (let attempt = 1; ; attempt++) {
    const isOwn = await isThere(files.labels);
    const { masks } = files;
    if (!isOwn && masks) {
      return {
        labels: await labelFiles.readLabels(files.labels, { ...known, masks }),
        // The review of a label file that is gone says nothing about the masks, but a save must find it as it was read.
        text: await readCaseText(store, files, null),
        isOwn,
      };
    }
    const labels = isOwn ? await labelFiles.readLabels(files.labels, known) : null;
    const text = await readCaseText(store, files, labels?.fingerprint ?? null);
    const isOneMoment =
      labels === null ||
      (text !== null && parseCaseRecord(text).labelsFingerprint === labels.fingerprint) ||
      (await labelFiles.fingerprint(files.labels)) === labels.fingerprint;
    if (isOneMoment || attempt === READS) return { labels, text, isOwn };
  }
}
