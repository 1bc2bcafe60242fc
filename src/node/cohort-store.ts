import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type * as v from 'valibot';
import { type CohortRecord, cohortRecord } from '../core/cohort/records/cohort-record.ts';
import { STATE_FOLDER } from './cohort-folder.ts';
import { fileAccessError } from './file-access-error.ts';
import { withFileErrors } from './file-errors.ts';
import { HistoryFiles } from './history-files.ts';
import { isMissing } from './missing-file.ts';
import { ModelVersions } from './model-versions.ts';
import { readRecordFile, writeRecordFile, writeTextAtomically } from './record-file.ts';
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
 * A cohort's state on disk (DESIGN "On disk"). Reading never creates anything; the folder appears with the first write.
 */
export class CohortStore {
  /** Absolute. */
  readonly root: string;
  /** Absolute: `<root>/.voxel-loop` unless the user put it elsewhere. */
  readonly stateDir: string;
  readonly models: ModelVersions;
  /** Who did what to which slices: `history/<case>/<who>.jsonl`. */
  readonly history: HistoryFiles;

  constructor(root: string, stateDir?: string) {
    this.root = resolve(root);
    this.stateDir = stateDir === undefined ? join(this.root, STATE_FOLDER) : resolve(stateDir);
    this.models = new ModelVersions(this.stateDir);
    this.history = new HistoryFiles(join(this.stateDir, 'history'));
  }

  /** The history of a second reviewer's label maps: `reviewers/<reviewer>/history/<case>/<who>.jsonl`. */
  historyOf(reviewer: string | undefined): HistoryFiles {
    return reviewer === undefined
      ? this.history
      : new HistoryFiles(join(this.stateDir, 'reviewers', reviewer, 'history'));
  }

  /**
   * Review state and provenance of a case: `cases/<id>.json`; of a second reviewer's label map
   * `reviewers/<reviewer>/<id>.json`, where nothing looks that trains.
   */
  caseRecordPath(id: string, reviewer?: string): string {
    const folder = reviewer === undefined ? 'cases' : join('reviewers', reviewer);
    return join(this.stateDir, folder, `${id}.json`);
  }

  /** @param text as `serializeCaseRecord` writes it. @throws FileAccessError */
  async writeCaseRecord(id: string, text: string, reviewer?: string): Promise<void> {
    await this.prepare();
    const path = this.caseRecordPath(id, reviewer);
    await withFileErrors('write', path, mkdir(dirname(path), { recursive: true }));
    await writeTextAtomically(path, text);
  }

  /** Where the proposals of a case are kept. */
  proposalsFolder(id: string): string {
    return join(this.stateDir, 'proposals', id);
  }

  /** Where the checkpoints of a training are, while it runs and after it was interrupted. */
  get trainingFolder(): string {
    return join(this.stateDir, 'training');
  }

  /** Where an interrupted training stands: there is something to resume as long as this file is there. */
  get checkpointPath(): string {
    return join(this.trainingFolder, 'last.checkpoint');
  }

  /** What the training that was started last tells of itself: it is there from its first moment on (`RunJournal`). */
  get runJournalPath(): string {
    return join(this.trainingFolder, 'run.jsonl');
  }

  /** There is nothing to resume any more. @throws TrainingLockedError while a training runs; FileAccessError */
  async discardInterruptedTraining(): Promise<void> {
    const lock = await this.lockTraining();
    try {
      await withFileErrors('write', this.trainingFolder, rm(this.trainingFolder, { recursive: true, force: true }));
    } finally {
      await lock.release();
    }
  }

  get cacheFolder(): string {
    return join(this.stateDir, 'cache');
  }

  /** Null where the cohort has not been worked with yet. @throws RecordError */
  readRecord(): Promise<CohortRecord | null> {
    return readRecordFile(cohortRecord, join(this.stateDir, 'cohort.json'));
  }

  async writeRecord(record: CohortRecord): Promise<void> {
    await this.prepare();
    await writeRecordFile(join(this.stateDir, 'cohort.json'), record);
  }

  /** Makes the state folder with its `.gitignore`, if they are not there. A `.gitignore` that is there is left alone. @throws FileAccessError */
  async prepare(): Promise<void> {
    await withFileErrors('write', this.stateDir, mkdir(this.stateDir, { recursive: true }));
    const ignore = join(this.stateDir, '.gitignore');
    try {
      await writeFile(ignore, GITIGNORE, { flag: 'wx' });
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) {
        throw fileAccessError('write', ignore, error);
      }
    }
  }

  /**
   * The records of all cases that have one, by case id, read a few at a time.
   *
   * @throws RecordError for the first that is damaged
   */
  async readCaseRecords<Schema extends v.GenericSchema>(schema: Schema): Promise<Map<string, v.InferOutput<Schema>>> {
    const ids = await this.#caseRecordIds();
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
    return lockTraining(this.stateDir);
  }

  async #caseRecordIds(): Promise<string[]> {
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
