import { access, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { TrainingError } from '../../core/learn/learn-errors.ts';
import { decodeCheckpoint, encodeCheckpoint } from '../../core/learn/training/checkpoint-codec.ts';
import type { Checkpoints } from '../../core/learn/training/train-network.ts';
import type { TrainingState } from '../../core/learn/training/training-state.ts';
import { saveAtomically, saveBytesAtomically } from '../../node/atomic-save.ts';
import type { CohortStore } from '../../node/cohort-store.ts';
import { fileAccessError } from '../../node/file-access-error.ts';
import { withFileErrors } from '../../node/file-errors.ts';
import { isMissing } from '../../node/missing-file.ts';
import { writeTextAtomically } from '../../node/record-file.ts';
import { readRegularFile, readTextFile } from '../../node/regular-file.ts';
import { type RunRecord, runRecord } from './run-record.ts';
import { removeOtherSnapshots } from './training-snapshot.ts';

/** No checkpoint comes sooner after the last, and writing them takes no more than this share of the time. */
const EVERY_MS = 10_000;
const WRITING_SHARE = 0.05;

/** Of what was stopped by hand: the version that was made of it. */
const KEPT_AS = 'kept-as';

export interface InterruptedRun {
  readonly record: RunRecord;
  readonly state: TrainingState;
}

/**
 * The checkpoints of one cohort, `<state>/training/` (`CohortStore.trainingFolder`): `last.checkpoint`, where the training stands with all that it needs
 * to go on (its best weights included, so that one file is the whole truth), and `best.onnx`, those best weights as a
 * model that predicts as it is. Both are replaced atomically. What the training learns from is kept in `snapshot/` beside
 * them (`TrainingSnapshot`).
 */
export class CheckpointFolder {
  readonly #folder: string;
  readonly #last: string;
  #hasWritten = false;

  /** @param store of the cohort, whose training lock the caller holds */
  constructor(private readonly store: Pick<CohortStore, 'trainingFolder' | 'checkpointPath'>) {
    this.#folder = store.trainingFolder;
    this.#last = store.checkpointPath;
  }

  /** A checkpoint was written by a writer of this object: the run that was interrupted before, if any, is replaced. */
  get hasWritten(): boolean {
    return this.#hasWritten;
  }

  /** Whether a training was interrupted. */
  async exists(): Promise<boolean> {
    try {
      await access(this.#last);
      return true;
    } catch {
      return false;
    }
  }

  /** Null: no training was interrupted. @throws ModelMismatchError if it is damaged; FileAccessError */
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

  /** @param predictModel the predict graph with these weights, as ONNX */
  writer(
    record: () => RunRecord,
    predictModel: (weights: TrainingState['weights']) => Uint8Array,
    log: (level: 'warning', message: string) => void,
  ): CheckpointWriter {
    return new CheckpointWriter(async (state, bestIsNew) => {
      await withFileErrors('write', this.#folder, mkdir(this.#folder, { recursive: true }));
      if (bestIsNew && state.best) {
        await saveBytesAtomically(join(this.#folder, 'best.onnx'), predictModel(state.best.weights));
      }
      await rm(join(this.#folder, KEPT_AS), { force: true });
      const pieces = encodeCheckpoint({ state, run: record() });
      await saveAtomically(this.#last, async (handle) => {
        for (const piece of pieces) await handle.writeFile(piece);
      });
      if (!this.#hasWritten) await removeOtherSnapshots(this.store, record().snapshot);
      this.#hasWritten = true;
    }, log);
  }

  /** The run was stopped by hand, and what it had learnt is a version now. */
  async keptAs(version: number): Promise<void> {
    if (await this.exists()) await writeTextAtomically(join(this.#folder, KEPT_AS), `${version}\n`);
  }

  /** The version that was made of the run when it was stopped by hand; null: it was not. */
  async versionKept(): Promise<number | null> {
    const text = await readTextFile(join(this.#folder, KEPT_AS)).catch(() => '');
    return /^\d+\s*$/.test(text) ? Number(text) : null;
  }

  /** There is nothing to go on with any more. */
  async remove(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** Writes states while training goes on: of those that come while one is being written, the newest is next. */
export class CheckpointWriter implements Checkpoints {
  #writing: Promise<void> | undefined;
  #waiting: TrainingState | undefined;
  #dueMs = performance.now() + EVERY_MS;
  #bestStep: number | undefined;
  #hasWarned = false;

  constructor(
    private readonly write: (state: TrainingState, bestIsNew: boolean) => Promise<void>,
    private readonly log: (level: 'warning', message: string) => void,
  ) {}

  isDue(): boolean {
    return !this.#writing && performance.now() >= this.#dueMs;
  }

  async save(state: TrainingState): Promise<void> {
    this.#waiting = state;
    this.#writing ??= this.#writeAll();
  }

  /** When all is written. */
  async finish(): Promise<void> {
    await this.#writing;
  }

  async #writeAll(): Promise<void> {
    for (;;) {
      const state = this.#waiting;
      if (!state) break;
      this.#waiting = undefined;
      const beganMs = performance.now();
      try {
        await this.write(state, state.best?.step !== this.#bestStep);
        this.#bestStep = state.best?.step;
      } catch (error) {
        this.#warn(error);
      }
      const endedMs = performance.now();
      this.#dueMs = endedMs + Math.max(EVERY_MS, (endedMs - beganMs) / WRITING_SHARE);
    }
    this.#writing = undefined;
  }

  /** A full disk is no reason to lose what is being learnt. */
  #warn(error: unknown): void {
    if (this.#hasWarned) return;
    this.#hasWarned = true;
    const reason = error instanceof Error ? error.message : String(error);
    this.log('warning', `Training goes on without checkpoints, it cannot be resumed if it is interrupted: ${reason}`);
  }
}
