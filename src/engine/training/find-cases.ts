import { readFile } from 'node:fs/promises';
import type { CaseFiles } from '../../core/cohort/case.ts';
import { type CaseRecord, parseCaseRecord } from '../../core/cohort/case-record.ts';
import type { SplitCandidate } from '../../core/cohort/splits.ts';
import type { VoxelAxis } from '../../core/geometry/vector.ts';
import type { CohortListing } from '../../node/cohort-folder.ts';
import type { CohortStore } from '../../node/cohort-store.ts';
import { fileFingerprint } from '../../node/file-fingerprint.ts';
import { isMissing } from '../../node/missing-file.ts';

/** A case with labels to learn from. */
export interface TrainableCase {
  readonly files: CaseFiles;
  readonly candidate: SplitCandidate;
  /** The axis that its slices are counted along; null: not recorded, chosen from the grid. */
  readonly reviewAxis: VoxelAxis | null;
  /** By slice: accepted. Null: a complete map that came without a record, all slices count. */
  readonly accepted: readonly boolean[] | null;
}

/**
 * The cases of a cohort that have labels to learn from. Test cases never have. A label file without a record is a
 * complete map; with one, the accepted slices count and nothing else.
 *
 * A label file that is not the one its record speaks of was changed outside: nobody knows what its slices are worth
 * until somebody has looked, so the case is left out, with a word in the log.
 *
 * @throws CaseRecordError for a record that is damaged
 */
export async function findTrainableCases(
  listing: CohortListing,
  store: CohortStore,
  log: (level: 'warning', message: string) => void,
): Promise<TrainableCase[]> {
  const found: TrainableCase[] = [];
  for (const { files, labelled, test } of listing.layout.cases) {
    if (!labelled || test) continue;
    const record = await readCaseRecord(store.caseRecordPath(files.id));
    if (!record) {
      found.push({
        files,
        candidate: { id: files.id, complete: true, reviewed: false },
        reviewAxis: null,
        accepted: null,
      });
      continue;
    }
    const accepted = record.slices.map(({ state }) => state === 'accepted');
    if (!accepted.includes(true)) continue;
    if (record.labelsFingerprint !== (await fileFingerprint(files.labels))) {
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
    });
  }
  return found;
}

async function readCaseRecord(path: string): Promise<CaseRecord | null> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
  return parseCaseRecord(text);
}
