import { join } from 'node:path';
import type { CaseFiles } from '../../../core/cohort/files/case.ts';
import type { CohortLayout } from '../../../core/cohort/files/layouts/cohort-layout.ts';
import { CaseRecordError, parseCaseRecord } from '../../../core/cohort/records/case-record.ts';
import { VoxelLoopError } from '../../../core/errors.ts';
import { fileFingerprint } from '../../files/file-fingerprint.ts';
import { namesIfThere, textIfThere } from '../../files/missing-file.ts';
import { readSaveJournal, SAVE_JOURNAL_ENDING } from '../state/save-journal-file.ts';

/**
 * Finds the label maps of a BIDS cohort that somebody drew on although they are named as the mask of one structure
 * (`label-lesion_mask`). Earlier versions saved to such a file in place, and the record of the case speaks of it. If it
 * were read as a mask, several labels in it would become one, and slices that nobody accepted would train.
 *
 * Where one file that shows a structure alone was drawn on, the others of that structure are read in the same way: a
 * value must mean the same in all cases of a cohort.
 *
 * @param layout the layout as it is without this knowledge, relative to the root
 * @returns paths relative to the root
 */
export async function findLabelFilesDrawnOn(
  root: string,
  stateDir: string,
  layout: CohortLayout,
): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  const masked = layout.name === 'bids' ? layout.cases.filter(({ files }) => files.masks) : [];
  if (masked.length === 0) return found;
  const recorded = new Set(await namesIfThere(join(stateDir, 'cases')));
  const structures = new Set<string>();
  for (const { files } of masked) {
    const only = onlyMask(files);
    // One file of a structure decides for all files of it, so that no more than needed are read.
    if (!recorded.has(`${files.id}.json`) || (only && structures.has(only.structure))) continue;
    const saved = await savedFingerprints(join(stateDir, 'cases', files.id));
    if (saved.length === 0) continue;
    for (const path of [...(files.masks ?? []).map((mask) => mask.path), ...(files.unusedLabels ?? [])]) {
      const fingerprint = await fingerprintIfReadable(join(root, path));
      if (fingerprint === null || !saved.includes(fingerprint)) continue;
      found.add(path);
      if (path === only?.path) structures.add(only.structure);
      break;
    }
  }
  for (const { files } of masked) {
    const only = onlyMask(files);
    if (only && structures.has(only.structure)) found.add(only.path);
  }
  return found;
}

function onlyMask({ masks }: CaseFiles) {
  return masks?.length === 1 ? masks[0] : undefined;
}

/**
 * Fingerprints of the label file that the record speaks of, and of one that a save has put in place before the record
 * names it. They are empty where the record is damaged: whoever opens the case or trains on it reports that.
 *
 * @param stem the common beginning of the names of record and journal
 */
async function savedFingerprints(stem: string): Promise<string[]> {
  const journal = await readSaveJournal(stem + SAVE_JOURNAL_ENDING);
  const text = await textIfThere(`${stem}.json`);
  try {
    const record = text === null ? null : parseCaseRecord(text);
    return [record?.labelsFingerprint, journal?.labelsFingerprint].filter((each) => typeof each === 'string');
  } catch (error) {
    if (error instanceof CaseRecordError) return [];
    throw error;
  }
}

/** The fingerprint is null where the file cannot be read: whoever needs its voxels reports that. */
async function fingerprintIfReadable(path: string): Promise<string | null> {
  try {
    return await fileFingerprint(path);
  } catch (error) {
    if (error instanceof VoxelLoopError) return null;
    throw error;
  }
}
