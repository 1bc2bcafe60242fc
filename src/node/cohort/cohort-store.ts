import { readdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type * as v from 'valibot';
import { type CohortRecord, cohortRecord } from '../../core/cohort/records/cohort-record.ts';
import { GuardedFolder } from '../files/guarded-folder.ts';
import { isMissing } from '../files/missing-file.ts';
import { plainName } from '../files/plain-name.ts';
import { readRecordFile } from '../files/record-file.ts';
import { lockCase } from './case-lock.ts';
import { STATE_FOLDER } from './cohort-folder.ts';
import { HistoryFiles } from './history-files.ts';
import { ModelVersions } from './model-versions.ts';
import { removeTraining, TRAINING_FILES } from './training-files.ts';
import { lockTraining, type TrainingLock } from './training-lock.ts';

/** What git should not keep. Records, cards and models are small and are the work itself; these are not. */
const GITIGNORE = `# Written by Voxel Loop. Everything else in this folder belongs in version control.
cache/
proposals/
training/
training.lock*
*.tmp
`;

/** Files read at once: a cohort of thousands of cases must not run out of file handles. */
const READS_AT_ONCE = 16;

/**
 * A cohort's state on disk, `.voxel-loop` (docs/architecture.md, "The loop on disk"). Reading never creates anything; the folder appears with the first write.
 */
export class CohortStore {
  /** Absolute. */
  readonly root: string;
  /** Absolute: `<root>/.voxel-loop` unless the user put it elsewhere. */
  readonly stateDir: string;
  /**
   * Through this everything below `stateDir` is written and deleted. The user chose the cohort's folder, or named another one
   * for the state, and what lies in it may come from anybody.
   */
  readonly files: GuardedFolder;
  /** See `LabelHome`. */
  readonly labelFolders = new Set<string>();
  readonly models: ModelVersions;
  /** Who did what to which slices: `history/<case>/<who>.jsonl`. */
  readonly history: HistoryFiles;

  /**
   * @param stateDir where the user wants the state; absent: in the cohort
   * @param files the guarded folder that `stateDir` lies in, where that is no choice of the user
   */
  constructor(root: string, stateDir?: string, files?: GuardedFolder) {
    this.root = resolve(root);
    this.stateDir = stateDir === undefined ? join(this.root, STATE_FOLDER) : resolve(stateDir);
    this.files = files ?? new GuardedFolder(stateDir === undefined ? this.root : this.stateDir);
    this.models = new ModelVersions(this.stateDir, this.files);
    this.history = new HistoryFiles(join(this.stateDir, 'history'), this.files);
  }

  /** What one fold of a cross-validation has of its own. */
  fold({ index, of }: { readonly index: number; readonly of: number }): CohortStore {
    return new CohortStore(this.root, join(this.stateDir, 'folds', `${index}-of-${of}`), this.files);
  }

  /** The history of a second reviewer's label maps: `reviewers/<reviewer>/history/<case>/<who>.jsonl`. */
  historyOf(reviewer: string | undefined): HistoryFiles {
    return reviewer === undefined
      ? this.history
      : new HistoryFiles(join(this.stateDir, 'reviewers', plainName(reviewer), 'history'), this.files);
  }

  /**
   * Review state and provenance of a case: `cases/<id>.json`; of a second reviewer's label map
   * `reviewers/<reviewer>/<id>.json`, where nothing looks that trains.
   */
  caseRecordPath(id: string, reviewer?: string): string {
    const folder = reviewer === undefined ? 'cases' : join('reviewers', plainName(reviewer));
    return join(this.stateDir, folder, `${plainName(id)}.json`);
  }

  /** @param text as `serializeCaseRecord` writes it. @throws UnsafePathError, FileAccessError */
  async writeCaseRecord(id: string, text: string, reviewer?: string): Promise<void> {
    await this.prepare();
    const path = this.caseRecordPath(id, reviewer);
    await this.files.makeFolder(dirname(path));
    await this.files.saveText(path, text);
  }

  /** Where the proposals of a case are kept. */
  proposalsFolder(id: string): string {
    return join(this.stateDir, 'proposals', plainName(id));
  }

  /** Where the checkpoints of a training are, while it runs and after it was interrupted. */
  get trainingFolder(): string {
    return join(this.stateDir, 'training');
  }

  /** Where an interrupted training stands: there is something to resume as long as this file is there. */
  get checkpointPath(): string {
    return join(this.trainingFolder, TRAINING_FILES.last);
  }

  /** What the training that was started last tells of itself: it is there from its first moment on (`RunJournal`). */
  get runJournalPath(): string {
    return join(this.trainingFolder, TRAINING_FILES.journal);
  }

  /** There is nothing to resume any more. @throws TrainingLockedError while a training runs; FileAccessError */
  async discardInterruptedTraining(): Promise<void> {
    const lock = await this.lockTraining();
    try {
      await removeTraining(this);
    } finally {
      await lock.release();
    }
  }

  get cacheFolder(): string {
    return join(this.stateDir, 'cache');
  }

  /** For the cache, which the user may have put on another disk by a link. Only files that we made are touched there. */
  get cacheFiles(): GuardedFolder {
    return this.files.allowingLink(this.cacheFolder);
  }

  /** Null where the cohort has not been worked with yet. @throws RecordError */
  readRecord(): Promise<CohortRecord | null> {
    return readRecordFile(cohortRecord, join(this.stateDir, 'cohort.json'));
  }

  /** In the place of whatever is there: what follows from the record that is there is for `changeRecord`. */
  async writeRecord(record: CohortRecord): Promise<void> {
    await this.prepare();
    await this.files.saveRecord(join(this.stateDir, 'cohort.json'), record);
  }

  /**
   * Lets nobody else write the record between reading and writing it: a training and several windows do.
   * @param change from what is there to what shall be there; null: nothing is written
   * @throws RecordError, CaseBusyError, UnsafePathError, FileAccessError and what `change` throws
   */
  async changeRecord(
    change: (record: CohortRecord | null) => CohortRecord | null | Promise<CohortRecord | null>,
  ): Promise<void> {
    await this.prepare();
    const lock = await lockCase(join(this.stateDir, 'cohort.lock.tmp'), this.files, 'cohort.json');
    try {
      const changed = await change(await this.readRecord());
      if (changed) await this.writeRecord(changed);
    } finally {
      await lock.release().catch(() => undefined);
    }
  }

  /** Makes the state folder with its `.gitignore`, if they are not there. A `.gitignore` that is there is left alone. @throws UnsafePathError, FileAccessError */
  async prepare(): Promise<void> {
    await this.files.makeFolder(this.stateDir);
    await this.files.create(join(this.stateDir, '.gitignore'), GITIGNORE);
  }

  /**
   * The records of all cases that have one, by case id, read a few at a time.
   *
   * @throws RecordError for the first that is damaged
   */
  async readCaseRecords<Schema extends v.GenericSchema>(schema: Schema): Promise<Map<string, v.InferOutput<Schema>>> {
    const ids = await this.caseRecordIds();
    const found = new Array<v.InferOutput<Schema> | null>(ids.length);
    let next = 0;
    const reader = async () => {
      while (next < ids.length) {
        const index = next++;
        found[index] = await readRecordFile(schema, this.caseRecordPath(ids[index]));
      }
    };
    await Promise.all(Array.from({ length: Math.min(READS_AT_ONCE, ids.length) }, reader));
    const records = new Map<string, v.InferOutput<Schema>>();
    for (const [index, id] of ids.entries()) {
      const record = found[index];
      if (record !== null) records.set(id, record);
    }
    return records;
  }

  /** @throws TrainingLockedError with code `training-locked` */
  async lockTraining(): Promise<TrainingLock> {
    await this.prepare();
    return lockTraining(this.stateDir, this.files);
  }

  /** Of all cases that have a record. @throws the file system's error */
  async caseRecordIds(): Promise<string[]> {
    try {
      const names = await readdir(join(this.stateDir, 'cases'));
      return names
        .filter((name) => name.endsWith('.json'))
        .map((name) => name.slice(0, -'.json'.length))
        .sort();
    } catch (error) {
      if (isMissing(error)) return [];
      throw error;
    }
  }
}
