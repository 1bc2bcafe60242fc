import type { CancelSignal } from '../../../core/cancel.ts';
import { type CohortRecord, newCohortRecord } from '../../../core/cohort/records/cohort-record.ts';
import { type CohortSplit, extendHistory } from '../../../core/cohort/records/splits.ts';
import { type LabelTable, labelTableFrom } from '../../../core/label/table/label-table.ts';
import type { CohortListing } from '../../../node/cohort/cases/cohort-folder.ts';
import { CohortStore } from '../../../node/cohort/state/cohort-store.ts';
import { fileFingerprint } from '../../../node/files/file-fingerprint.ts';
import { startedFromProposal, type TrainableCase } from '../../inputs/find-cases.ts';
import { imageFingerprints, shortHash } from '../../inputs/images.ts';
import { type ModelFile, readModelFile } from '../../inputs/model-file.ts';

/**
 * Returns the record in `store`. Where models are kept apart from the cohort for the first time, it is the cohort's
 * own, so that what is held out there is held out here; else it is the one that a cohort starts with. Nothing is
 * written yet.
 */
export async function readOrStartRecord(
  store: CohortStore,
  cohort: CohortStore,
  listing: CohortListing,
): Promise<CohortRecord> {
  const known = (await store.readRecord()) ?? (await cohort.readRecord());
  if (known && known.labels.length > 0) return known;
  const structures = listing.layout.structures.map(({ value, structure }) => ({ value, name: structure }));
  const labels = labelTableFrom(listing.dataset?.labels ?? structures);
  // A record may say how files are named before anybody has said what labels mean.
  return { ...(known ?? newCohortRecord({ layout: listing.layout.name, labels: [] })), labels: [...labels] };
}

/**
 * Records what a version has seen, so that it can never judge a later one. The record is read again: a person may have
 * added labels while training ran. A case that was to be reserved and has labels from a proposal by now could never
 * judge; held out all the same, the work on it would be lost to training too.
 */
export async function recordSplit(
  store: CohortStore,
  listing: CohortListing,
  labels: LabelTable,
  split: CohortSplit,
): Promise<void> {
  const cohort = new CohortStore(listing.root);
  const begun = new Set<string>();
  for (const id of split.reserved ?? []) if (await startedFromProposal(cohort, id)) begun.add(id);
  const reserved = split.reserved?.filter((id) => !begun.has(id)) ?? [];
  await store.changeRecord(async (known) => {
    const record =
      known && known.labels.length > 0
        ? known
        : { ...(await readOrStartRecord(store, cohort, listing)), ...known, labels: [...labels] };
    const { holdout, seen } = extendHistory(record, { ...split, reserved });
    return { ...record, holdout: [...holdout], seen: [...seen] };
  });
}

/** Returns the version that predicts now. It is null where there is none. */
export async function readActiveModel(store: CohortStore): Promise<ModelFile | null> {
  const version = await store.models.active();
  return version === null ? null : readModelFile(store.models.folderOf(version));
}

/**
 * Adds to the case what its files hold now, as far as that is not known.
 * @throws FileAccessError
 * @throws CancelledError
 */
export async function withFileFingerprints(found: TrainableCase, signal?: CancelSignal): Promise<TrainableCase> {
  return {
    ...found,
    labelsFingerprint: found.labelsFingerprint ?? (await fileFingerprint(found.labelsPath, signal)),
    imageFingerprints: found.imageFingerprints ?? (await imageFingerprints(found.files, signal)),
  };
}

/**
 * Makes a fingerprint: two versions with one data fingerprint saw the same images and label maps.
 * @param cases with the fingerprints of their files
 */
export function dataFingerprint(cases: readonly TrainableCase[]): string {
  const texts = cases.flatMap(({ files, accepted, labelsFingerprint, imageFingerprints: images }) => {
    if (!images || labelsFingerprint === null) throw new Error(`The files of case ${files.id} were not looked at.`);
    return [files.id, ...images, labelsFingerprint, JSON.stringify(accepted)];
  });
  return `sha256-${shortHash(texts, 64)}`;
}

/** Names the channels that a case has: they are the dataset's where it has as many, else "image", "channel 2", ... */
export function channelNames(listing: CohortListing, { files }: TrainableCase): string[] {
  const declared = listing.dataset?.channelNames ?? [];
  if (declared.length === files.channels.length) return [...declared];
  return files.channels.map((_, index) => (index === 0 ? 'image' : `channel ${index + 1}`));
}
