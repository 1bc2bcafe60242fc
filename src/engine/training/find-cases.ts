import { readFile, stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CaseFiles } from '../../core/cohort/files/case.ts';
import { type CaseRecord, CaseRecordError, parseCaseRecord } from '../../core/cohort/records/case-record.ts';
import type { SplitCandidate } from '../../core/cohort/records/splits.ts';
import { gridDifference } from '../../core/geometry/compare-grids.ts';
import type { VoxelAxis } from '../../core/geometry/vector.ts';
import type { CohortListing } from '../../node/cohort-folder.ts';
import type { CohortStore } from '../../node/cohort-store.ts';
import { fileAccessError } from '../../node/file-access-error.ts';
import { namingFile } from '../../node/file-errors.ts';
import { fileFingerprint } from '../../node/file-fingerprint.ts';
import { isMissing } from '../../node/missing-file.ts';
import { readVolumeHeader } from '../../node/read-volume.ts';

/** A case with labels to learn from. */
export interface TrainableCase {
  readonly files: CaseFiles;
  readonly candidate: SplitCandidate;
  /** The axis that its slices are counted along; null: not recorded, chosen from the grid. */
  readonly reviewAxis: VoxelAxis | null;
  /** By slice: accepted. Null: a complete map that came without a record, all slices count. */
  readonly accepted: readonly boolean[] | null;
  /** The label file that `accepted` speaks of (`fileFingerprint`); null where there is no record. */
  readonly labelsFingerprint: string | null;
}

/**
 * The cases of a cohort that have labels to learn from. Test cases never have. A label file without a record is a
 * complete map; with one, the accepted slices count and nothing else.
 *
 * A label file that is not the one its record speaks of was changed outside: nobody knows what its slices are worth
 * until somebody has looked, so the case is left out, with a word in the log. So is one whose labels lie elsewhere in
 * space: they would be learnt mirrored or shifted.
 *
 * A damaged record leaves its case out as well, and nothing else.
 *
 * @throws NiftiError, FileAccessError
 */
export async function findTrainableCases(
  listing: CohortListing,
  store: CohortStore,
  log: (level: 'warning', message: string) => void,
): Promise<TrainableCase[]> {
  const found: TrainableCase[] = [];
  for (const { files, labelled, test } of listing.layout.cases) {
    if (!labelled || test) continue;
    if (await liesElsewhere(files)) {
      log(
        'warning',
        `Case ${files.id} is left out: ${files.labels} places its voxels elsewhere in space than its image (their affines differ). Correct the file, or open the case, check it slice by slice and save: saving takes over the image's geometry.`,
      );
      continue;
    }
    const current = await recordOfLabels(files, store.caseRecordPath(files.id)).catch((error: unknown) => {
      if (!(error instanceof CaseRecordError)) throw error;
      log('warning', `Case ${files.id} is left out: ${error.message}`);
    });
    if (current === undefined) continue;
    const { record, speaksOfLabels } = current;
    if (!record) {
      found.push({
        files,
        candidate: { id: files.id, complete: true, reviewed: false },
        reviewAxis: null,
        accepted: null,
        labelsFingerprint: null,
      });
      continue;
    }
    const accepted = record.slices.map(({ state }) => state === 'accepted');
    if (!accepted.includes(true)) continue;
    if (!speaksOfLabels) {
      log(
        'warning',
        `Case ${files.id} is left out: ${files.labels} was changed outside Voxel Loop. Open it and accept its slices again.`,
      );
      continue;
    }
    found.push({
      files,
      candidate: {
        id: files.id,
        complete: !accepted.includes(false),
        reviewed: record.slices.some(({ state, source }) => state === 'accepted' && source !== 'imported'),
      },
      reviewAxis: { i: 0, j: 1, k: 2 }[record.reviewAxis] as VoxelAxis,
      accepted,
      labelsFingerprint: record.labelsFingerprint,
    });
  }
  return found;
}

/** Other numbers of voxels are for the loader to refuse. */
async function liesElsewhere({ channels, labels }: CaseFiles): Promise<boolean> {
  const image = await namingFile(channels[0], readVolumeHeader(channels[0]));
  const labelled = await namingFile(labels, readVolumeHeader(labels));
  return gridDifference(image.grid, labelled.grid) === 'position';
}

/** A save writes labels and record one after the other: read in between, they are read again before they are believed. */
const SAVE_MS = 500;

/** @throws CaseRecordError */
async function recordOfLabels(
  { labels }: CaseFiles,
  path: string,
): Promise<{ readonly record: CaseRecord | null; readonly speaksOfLabels: boolean }> {
  for (let attempt = 1; ; attempt++) {
    const record = await readCaseRecord(path);
    if (!record) return { record, speaksOfLabels: false };
    const speaksOfLabels = record.labelsFingerprint === (await fileFingerprint(labels));
    if (speaksOfLabels || attempt === 2) return { record, speaksOfLabels };
    const { mtimeMs } = await stat(labels);
    if (Date.now() - mtimeMs > 10 * SAVE_MS) return { record, speaksOfLabels };
    await sleep(SAVE_MS);
  }
}

async function readCaseRecord(path: string): Promise<CaseRecord | null> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return null;
    throw fileAccessError('read', path, error);
  }
  try {
    return parseCaseRecord(text);
  } catch (error) {
    if (!(error instanceof CaseRecordError)) throw error;
    throw new CaseRecordError(`${path}: ${error.message}`, { cause: error });
  }
}
