import { randomUUID } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { CaseFiles } from '../../../core/cohort/files/case.ts';
import { TrainingError } from '../../../core/learn/learn-errors.ts';
import { snapshotsFolder } from '../../../node/cohort/models/training-files.ts';
import type { CohortStore } from '../../../node/cohort/state/cohort-store.ts';
import { withFileErrors } from '../../../node/files/file-errors.ts';
import { fileFingerprint } from '../../../node/files/file-fingerprint.ts';
import { freezeFile } from '../../../node/files/freeze-file.ts';
import { plainName } from '../../../node/files/plain-name.ts';
import { readRecordFile } from '../../../node/files/record-file.ts';
import { writeJoinedMasks } from '../../../node/volumes/labels/case-labels.ts';
import { VolumeStats, volumeFingerprint } from '../../../node/volumes/volume-identity.ts';
import type { TrainableCase } from '../../inputs/find-cases.ts';
import { caseFromRecord, caseToRecord, type FileStamp, type SnapshotCase, snapshotRecord } from './snapshot-record.ts';

/** What a snapshot holds. */
export interface SnapshotContent {
  readonly cases: readonly TrainableCase[];
  readonly ignoredValue: number | null;
}

/**
 * The label maps and accepted slices that a training learns from and is judged by, as they were when it began:
 * `<state>/training/snapshot/<run>/`, with `cases.json` and `labels/<case>.labels`. People go on labelling while it
 * runs, and a run that was killed goes on with the same data, whatever was saved since.
 *
 * Images are not kept: nobody writes them here, and a cohort's images fill a disk. They are compared with what they
 * were.
 */
export class TrainingSnapshot {
  readonly #folder: string;

  /** @param run as `RunRecord.snapshot` has it; without it the snapshot is that of a run that begins */
  constructor(
    private readonly store: Pick<CohortStore, 'root' | 'trainingFolder' | 'files'>,
    readonly run: string = randomUUID().slice(0, 8),
  ) {
    this.#folder = join(snapshotsFolder(store), plainName(run));
  }

  /**
   * Keeps the label file of a case as it is now.
   * @returns the path of what is kept
   * @throws FileAccessError
   */
  async freeze({ id, labels, masks }: Pick<CaseFiles, 'id' | 'labels' | 'masks'>): Promise<string> {
    const path = this.#labelsPath(id);
    if (masks) {
      await this.store.files.makeFolder(dirname(path));
      await this.store.files.removeFile(path);
      await writeJoinedMasks(path, masks);
      return path;
    }
    await freezeFile(labels, this.store.files, path);
    return path;
  }

  /**
   * Writes down what takes part, and removes what was frozen beside it. Without this the snapshot does not count.
   *
   * @param cases with their labels frozen
   * @throws FileAccessError
   */
  async write({ cases, ignoredValue }: SnapshotContent): Promise<void> {
    const needed = new Set(cases.map(({ labelsPath }) => labelsPath));
    const folder = join(this.#folder, 'labels');
    for (const name of await readdir(folder)) {
      if (!needed.has(join(folder, name))) await this.store.files.removeFile(join(folder, name));
    }
    const recorded: SnapshotCase[] = [];
    for (const found of cases) {
      const stamps: FileStamp[] = [];
      for (const path of found.files.channels) stamps.push(await stampOf(path));
      recorded.push(caseToRecord(found, this.store.root, stamps));
    }
    await this.store.files.saveRecord(join(this.#folder, 'cases.json'), {
      format: 'voxel-loop-training-snapshot',
      formatVersion: 1,
      ignoredValue,
      cases: recorded,
    });
  }

  /**
   * Reads what the snapshot holds. It is null where the snapshot is not there.
   *
   * @param learnt ids of the cases that are learned from: their labels must be as they were kept, their images as they
   * were. (What judges is looked at when it judges.)
   * @throws TrainingError if they are not
   * @throws RecordError
   * @throws FileAccessError
   */
  async read(learnt: ReadonlySet<string>): Promise<SnapshotContent | null> {
    const record = await readRecordFile(snapshotRecord, join(this.#folder, 'cases.json'));
    if (!record) return null;
    const cases: TrainableCase[] = [];
    for (const recorded of record.cases) {
      const labelsPath = this.#labelsPath(recorded.id);
      const found = caseFromRecord(recorded, this.store.root, labelsPath);
      if (learnt.has(recorded.id)) {
        await checkLabels(found);
        await checkImages(recorded, found);
      }
      cases.push(found);
    }
    return { cases, ignoredValue: record.ignoredValue };
  }

  /** Removes the snapshot, and the folders around it where nothing else is in them. */
  async remove(): Promise<void> {
    const { files, trainingFolder } = this.store;
    await files.removeFolder(this.#folder);
    for (const folder of [snapshotsFolder(this.store), trainingFolder]) await files.removeIfEmpty(folder);
  }

  #labelsPath(id: string): string {
    // The name has no image's ending, because a program that lists a folder, or watches one, must not take it for a
    // volume of the cohort.
    return join(this.#folder, 'labels', `${plainName(id)}.labels`);
  }
}

async function checkLabels({ files: { id }, labelsPath, labelsFingerprint }: TrainableCase): Promise<void> {
  if ((await fileFingerprint(labelsPath)) === labelsFingerprint) return;
  throw new TrainingError(
    `What the training had kept of the labels of case ${id} was changed by another program (${labelsPath}): train from the start, without resuming.`,
  );
}

async function checkImages(
  { channels }: SnapshotCase,
  { files: { id, channels: paths } }: TrainableCase,
): Promise<void> {
  for (const [index, { bytes, modifiedMs, fingerprint }] of channels.entries()) {
    const path = paths[index];
    const now = await stampOf(path);
    if (now.bytes === bytes && now.modifiedMs === modifiedMs) continue;
    if (fingerprint !== null && (await volumeFingerprint(path)) === fingerprint) continue;
    throw new TrainingError(
      `The image of case ${id} has changed since the training was interrupted: train from the start, without resuming.`,
    );
  }
}

async function stampOf(path: string): Promise<FileStamp> {
  const found = await withFileErrors('read', path, new VolumeStats().of(path));
  return {
    bytes: found.reduce((sum, each) => sum + (each?.size ?? 0), 0),
    modifiedMs: Math.max(...found.map((each) => each?.mtimeMs ?? 0)),
  };
}
