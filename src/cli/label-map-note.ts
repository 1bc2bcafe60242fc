import type { CancelSignal } from '../core/cancel.ts';
import { type CohortRecord, stringifyRecord } from '../core/cohort/records/cohort-record.ts';
import { CancelledError, VoxelLoopError } from '../core/errors.ts';
import { counted } from '../core/text/counted.ts';
import { type CohortListing, listAround, listCohort } from '../node/cohort/cases/cohort-folder.ts';
import {
  describeLabelMapPair,
  findLabelMapQuestion,
  type LabelMapQuestion,
  withAnswer,
} from '../node/cohort/cases/label-map-question.ts';
import { CohortStore } from '../node/cohort/state/cohort-store.ts';
import { isFolder } from '../node/files/missing-file.ts';
import { lookAtPair } from '../node/volumes/labels/label-map-pair.ts';

type Listing = Pick<CohortListing, 'root' | 'layout' | 'dataset'>;

/**
 * Says in one sentence, or not at all, that a file may be the label map of an image beside it, or the other way round.
 * An error of this look is ignored, because the file itself was read.
 */
export function labelMapNote(file: string, signal: CancelSignal): Promise<string[]> {
  return noteOf(() => listAround(file), signal, file);
}

/**
 * Says the same of a whole cohort, and nothing if `folder` is no folder. Whatever lists a cohort to work with it
 * reports that it cannot be listed.
 */
export async function labelMapNoteOfCohort(folder: string, signal: CancelSignal): Promise<string[]> {
  return noteOf(async () => ((await isFolder(folder)) ? listCohort(folder) : null), signal);
}

async function noteOf(list: () => Promise<Listing | null>, signal: CancelSignal, about?: string): Promise<string[]> {
  try {
    const listing = await list();
    if (!listing) return [];
    const record = await new CohortStore(listing.root).readRecord();
    const question = await findLabelMapQuestion(listing, record, (pair) => lookAtPair(pair, signal), about);
    return question ? [sentence(listing, record, question)] : [];
  } catch (error) {
    if (error instanceof CancelledError || !(error instanceof VoxelLoopError)) throw error;
    return [];
  }
}

function sentence(listing: Listing, record: CohortRecord | null, { pair, pairs, pattern }: LabelMapQuestion): string {
  const found = `${describeLabelMapPair(listing.root, pair)} and may be its label map`;
  const alike = pairs.length > 1 ? `, as in ${counted(pairs.length, 'pair')} of such names` : '';
  const row = JSON.stringify(pattern);
  const file = '.voxel-loop/cohort.json';
  const others = record?.namePatterns?.length ?? 0;
  const how = record
    ? others > 0
      ? `add ${row} to "namePatterns" in ${file}`
      : `put "namePatterns": [${row}] into ${file}`
    : `write ${stringifyRecord(withAnswer(null, listing, pattern, true))
        .replaceAll(/\s*\n\s*/g, ' ')
        .trim()} into ${file}`;
  return `${found}${alike}. If it is, ${how}; if not, the same under "refusedNamePatterns" ends this note.`;
}
