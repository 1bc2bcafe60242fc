import { readdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type * as v from 'valibot';
import { type CohortRecord, cohortRecord } from '../../../core/cohort/records/cohort-record.ts';
import { GuardedFolder } from '../../files/guarded-folder.ts';
import { isMissing } from '../../files/missing-file.ts';
import { plainName } from '../../files/plain-name.ts';
import { readRecordFile } from '../../files/record-file.ts';
import { ModelVersions } from '../models/model-versions.ts';
import { removeTraining, TRAINING_FILES } from '../models/training-files.ts';
import { lockTraining, type TrainingLock } from '../models/training-lock.ts';
import { lockCase } from './case-lock.ts';
import { STATE_FOLDER } from './cohort-root.ts';
import { HistoryFiles } from './history-files.ts';

/**
 * Git should keep records, cards and models, which are small and are the work itself. It should not keep the files that
 * are named here.
 */
const GITIGNORE = `# Written by Voxel Loop. Everything else in this folder belongs in version control.
cache/
proposals/
training/
training.lock*
*.tmp
`;

/** Only so many files are read at once, so that a cohort of thousands of cases does not run out of file handles. */
const READS_AT_ONCE = 16;

/**
 * A cohort's state on the disk, `.voxel-loop` (docs/architecture.md, "The loop on disk"). Reading never creates
 * anything; the folder appears with the first write.
 */
export class CohortStore {
  /** The cohort's folder, as an absolute path. */
  readonly root: string;
  /** The folder of the state, as an absolute path: `<root>/.voxel-loop` unless the user put it elsewhere. */
  readonly stateDir: string;
  /**
   * Everything below `stateDir` is written and deleted through this. The user chose the cohort's folder, or another one
   * for the state, but what lies in it may come from anybody.
   */
  readonly files: GuardedFolder;
  /** The user lets label maps be saved in these folders outside the cohort (see `LabelHome`). */
  readonly labelFolders = new Set<string>();
  readonly models: ModelVersions;
  /** The history tells who did what to which slices: `history/<case>/<who>.jsonl`. */
  readonly history: HistoryFiles;

  /**
   * @param stateDir the place where the user wants the state; without it, it lies in the cohort
   * @param files the guarded folder that `stateDir` lies in, where the user did not choose `stateDir`
   */
  constructor(root: string, stateDir?: string, files?: GuardedFolder) {
    this.root = resolve(root);
    this.stateDir = stateDir === undefined ? join(this.root, STATE_FOLDER) : resolve(stateDir);
    this.files = files ?? new GuardedFolder(stateDir === undefined ? this.root : this.stateDir);
    this.models = new ModelVersions(this.stateDir, this.files);
    this.history = new HistoryFiles(join(this.stateDir, 'history'), this.files);
  }

  /** The store of what one fold of a cross-validation keeps for itself. */
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
   * The file of a case's review states and their provenance: `cases/<id>.json`. That of a second reviewer's label map
   * is
   * `reviewers/<reviewer>/<id>.json`, where training never looks.
   */
  caseRecordPath(id: string, reviewer?: string): string {
    const folder = reviewer === undefined ? 'cases' : join('reviewers', plainName(reviewer));
    return join(this.stateDir, folder, `${plainName(id)}.json`);
  }

  /** @param text the record as `serializeCaseRecord` writes it. @throws UnsafePathError, FileAccessError */
  async writeCaseRecord(id: string, text: string, reviewer?: string): Promise<void> {
    await this.prepare();
    const path = this.caseRecordPath(id, reviewer);
    await this.files.makeFolder(dirname(path));
    await this.files.saveText(path, text);
  }

  /** The folder in which the proposals of a case are kept. */
  proposalsFolder(id: string): string {
    return join(this.stateDir, 'proposals', plainName(id));
  }

  /** The folder of the checkpoints of a training, while it runs and after it was interrupted. */
  get trainingFolder(): string {
    return join(this.stateDir, 'training');
  }

  /** The checkpoint of an interrupted training: it can be resumed as long as this file exists. */
  get checkpointPath(): string {
    return join(this.trainingFolder, TRAINING_FILES.last);
  }

  /**
   * The journal of the training that was started last; it exists from the first moment of that training on
   * (`RunJournal`).
   */
  get runJournalPath(): string {
    return join(this.trainingFolder, TRAINING_FILES.journal);
  }

  /**
   * Removes the interrupted training, so that there is nothing to resume. @throws TrainingLockedError while a training
   * runs; FileAccessError
   */
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

  /**
   * The guarded folder of the cache, which the user may have put on another disk by a link. Only files that we made are
   * touched there.
   */
  get cacheFiles(): GuardedFolder {
    return this.files.allowingLink(this.cacheFolder);
  }

  /** Reads the cohort's record; it is null before the first work on the cohort. @throws RecordError */
  readRecord(): Promise<CohortRecord | null> {
    return readRecordFile(cohortRecord, join(this.stateDir, 'cohort.json'));
  }

  /** Replaces whatever record is there. `changeRecord` is for what depends on the record that is there. */
  async writeRecord(record: CohortRecord): Promise<void> {
    await this.prepare();
    await this.files.saveRecord(join(this.stateDir, 'cohort.json'), record);
  }

  /**
   * Changes the record while nobody else can write it, because a training and several windows do so.
   * @param change makes the new record from the present one; null if nothing is to be written
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

  /**
   * Makes the state folder and its `.gitignore` where they are missing. A `.gitignore` that exists is left alone.
   * @throws UnsafePathError, FileAccessError
   */
  async prepare(): Promise<void> {
    await this.files.makeFolder(this.stateDir);
    await this.files.create(join(this.stateDir, '.gitignore'), GITIGNORE);
  }

  /**
   * Reads the records of all cases that have one, by case id and a few at a time.
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

  /** The ids of all cases that have a record. @throws the file system's error */
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
