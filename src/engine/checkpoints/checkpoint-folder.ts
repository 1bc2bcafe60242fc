import { access } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { TrainingError } from '../../core/learn/learn-errors.ts';
import { decodeCheckpoint, encodeCheckpoint } from '../../core/learn/training/checkpoint-codec.ts';
import type { TrainingState } from '../../core/learn/training/training-state.ts';
import { removeTraining, TRAINING_FILES } from '../../node/cohort/models/training-files.ts';
import type { CohortStore } from '../../node/cohort/state/cohort-store.ts';
import { fileAccessError } from '../../node/files/file-access-error.ts';
import { isMissing } from '../../node/files/missing-file.ts';
import { readRegularFile, readTextFile } from '../../node/files/regular-file.ts';
import { CheckpointThread } from './checkpoint-thread.ts';
import { CheckpointWriter, type WrittenState } from './checkpoint-writer.ts';
import { type RunRecord, runRecord } from './run-record.ts';

export interface InterruptedRun {
  readonly record: RunRecord;
  readonly state: TrainingState;
}

/**
 * The checkpoints of one cohort, `<state>/training/` (`CohortStore.trainingFolder`): `last.checkpoint`, where the
 * training stands with all that it needs to go on (its best weights included, so that one file is the whole truth), and
 * `best.onnx`, those best weights as a model that predicts as it is. Both are replaced atomically. What the training
 * learns from is kept in `snapshot/` beside them (`TrainingSnapshot`), and what it tells of itself in `run.jsonl`
 * (`RunJournal`).
 */
export class CheckpointFolder {
  readonly #folder: string;
  readonly #last: string;
  #writtenStep: number | null = null;

  /** @param store the store of the cohort, whose training lock the caller holds */
  constructor(private readonly store: Pick<CohortStore, 'trainingFolder' | 'checkpointPath' | 'files'>) {
    this.#folder = store.trainingFolder;
    this.#last = store.checkpointPath;
  }

  /**
   * The step of the newest checkpoint that a writer of this object wrote: a run that was interrupted before, if any, is
   * then replaced. It is null where none was written.
   */
  get writtenStep(): number | null {
    return this.#writtenStep;
  }

  /** Says whether a training was interrupted. */
  async exists(): Promise<boolean> {
    try {
      await access(this.#last);
      return true;
    } catch {
      return false;
    }
  }

  /**
   * Reads the interrupted run. It is null where no training was interrupted.
   * @throws ModelMismatchError if it is damaged
   * @throws FileAccessError
   */
  async read(): Promise<InterruptedRun | null> {
    let bytes: Uint8Array;
    try {
      bytes = await readRegularFile(this.#last);
    } catch (error) {
      if (isMissing(error)) return null;
      throw fileAccessError('read', this.#last, error);
    }
    const { run, state } = decodeCheckpoint(bytes);
    const record = v.safeParse(runRecord, run);
    if (!record.success) {
      throw new TrainingError(
        'The interrupted training was run by another version of Voxel Loop: train from the start, without resuming.',
        { cause: v.summarize(record.issues) },
      );
    }
    return { record: record.output, state };
  }

  /**
   * Makes a writer. Who asks for one closes it.
   *
   * @param record returns the run's record, as it is when a checkpoint is written
   * @param predictModel makes the predict graph with these weights, as ONNX
   * @param workerFile that of `CheckpointThread`
   */
  writer(options: {
    readonly record: () => RunRecord;
    readonly predictModel: (weights: TrainingState['weights']) => Uint8Array;
    readonly workerFile: string;
    readonly onWritten: (written: WrittenState) => void;
    readonly log: (level: 'info' | 'warning', message: string) => void;
  }): { readonly checkpoints: CheckpointWriter; close(): Promise<void> } {
    const thread = new CheckpointThread(options.workerFile);
    const write = (state: TrainingState, bestIsNew: boolean) => {
      const run = options.record();
      return thread.write({
        folder: this.#folder,
        within: this.store.files.root,
        checkpoint: encodeCheckpoint({ state, run }),
        ...(bestIsNew && state.best && { best: new Uint8Array(options.predictModel(state.best.weights)) }),
        ...(this.#writtenStep === null && { keptSnapshot: run.snapshot ?? null }),
      });
    };
    const onWritten = (written: WrittenState) => {
      this.#writtenStep = written.step;
      options.onWritten(written);
    };
    return {
      checkpoints: new CheckpointWriter(write, onWritten, options.log),
      close: () => thread.close(),
    };
  }

  /** Notes that the run was stopped by hand, and that what it had learned is a version now. */
  async keptAs(version: number): Promise<void> {
    if (!(await this.exists())) return;
    await this.store.files.saveText(join(this.#folder, TRAINING_FILES.keptAs), `${version}\n`);
  }

  /** Returns the version that was made of the run when it was stopped by hand. It is null where it was not. */
  async versionKept(): Promise<number | null> {
    const text = await readTextFile(join(this.#folder, TRAINING_FILES.keptAs)).catch(() => '');
    return /^\d+\s*$/.test(text) ? Number(text) : null;
  }

  /** Removes the checkpoints, because there is nothing to go on with any more. */
  async remove(): Promise<void> {
    await removeTraining(this.store);
  }
}
