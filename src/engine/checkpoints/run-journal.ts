import * as v from 'valibot';
import { count } from '../../core/basic-schemas.ts';
import { VoxelLoopError } from '../../core/errors.ts';
import { presetName } from '../../core/learn/plan/preset.ts';
import type { CohortStore } from '../../node/cohort/state/cohort-store.ts';
import { fileAccessError } from '../../node/files/file-access-error.ts';
import type { LineFile } from '../../node/files/guarded-folder.ts';
import { isMissing } from '../../node/files/missing-file.ts';
import { openRegularFile } from '../../node/files/regular-file.ts';

/** Lines of steps do not come faster than this. */
const STEP_EVERY_MS = 1000;
/** A line of a step is no longer than this; the part that is read from the end of a file holds some of them whole. */
const TAIL_BYTES = 1 << 20;
const HEAD_BYTES = 4096;

const startedLine = v.strictObject({
  kind: v.literal('started'),
  /** It tells the run from others: `RunRecord.startedAt` is the same. */
  at: v.string(),
  preset: presetName,
  /** It is null where the run is counted in epochs. */
  minutes: v.nullable(v.number()),
});
export type StartedRun = v.InferOutput<typeof startedLine>;

const stepLine = v.strictObject({
  kind: v.literal('step'),
  step: count,
  /** @see TrainingState.trainedMs */
  trainedMs: v.number(),
  /** The part of it that this step took. */
  stepMs: v.number(),
  loss: v.nullable(v.number()),
  learningRate: v.nullable(v.number()),
});
export type StepLine = v.InferOutput<typeof stepLine>;

const writtenLine = v.strictObject({
  kind: v.literal('checkpoint'),
  step: count,
  bytes: count,
  /** The time on the wall clock that writing it took. */
  milliseconds: v.number(),
});

type JournalPlace = Pick<CohortStore, 'runJournalPath' | 'trainingFolder' | 'files'>;

export interface RunHistory {
  readonly started: StartedRun;
  /** The steps ascend, except where the run went on from a checkpoint. Of a long run only those of its end are here. */
  readonly steps: readonly StepLine[];
  readonly checkpoints: readonly v.InferOutput<typeof writtenLine>[];
}

/**
 * Writes down what a run tells of itself, from its first moment on and whatever becomes of it: `training/run.jsonl`
 * (`CohortStore.runJournalPath`) has one line of JSON each for its start, a step a second, and each checkpoint. From it
 * "what was lost" is known after the process was killed. Lines are small and are written at once: they cost a step some
 * millionths of a second.
 */
export class RunJournal {
  #lastStepMs = Number.NEGATIVE_INFINITY;

  private constructor(
    private readonly store: JournalPlace,
    /**
     * It is null where it could not be opened. The training is as good without it; only what was lost of it will not be
     * known.
     */
    private readonly file: LineFile | null,
  ) {}

  /**
   * Starts the journal of a run that begins. What was told of another run is replaced.
   * @throws UnsafePathError
   * @throws FileAccessError
   */
  static async start(store: JournalPlace, started: Omit<StartedRun, 'kind'>): Promise<RunJournal> {
    await store.files.makeFolder(store.trainingFolder);
    await store.files.saveText(store.runJournalPath, line({ kind: 'started', ...started }));
    return RunJournal.#open(store);
  }

  /**
   * Goes on with the journal of a run that goes on.
   * @throws UnsafePathError
   * @throws FileAccessError
   */
  static async goOn(store: JournalPlace, started: Omit<StartedRun, 'kind'>): Promise<RunJournal> {
    const known = await readRunHistory(store.runJournalPath).catch(() => null);
    if (known?.started.at !== started.at) return RunJournal.start(store, started);
    await store.files.check(store.runJournalPath);
    return RunJournal.#open(store);
  }

  static async #open(store: JournalPlace): Promise<RunJournal> {
    return new RunJournal(store, await store.files.openLines(store.runJournalPath).catch(() => null));
  }

  step(done: Omit<StepLine, 'kind'>): void {
    const nowMs = performance.now();
    if (nowMs - this.#lastStepMs < STEP_EVERY_MS) return;
    this.#lastStepMs = nowMs;
    this.#append({ kind: 'step', ...done });
  }

  checkpoint(written: Omit<v.InferOutput<typeof writtenLine>, 'kind'>): void {
    this.#append({ kind: 'checkpoint', ...written });
  }

  /** Removes the journal, because nothing is left of the run that it could tell of. */
  async discard(): Promise<void> {
    await this.close();
    const { files, runJournalPath, trainingFolder } = this.store;
    await files.removeFile(runJournalPath);
    await files.removeIfEmpty(trainingFolder);
  }

  /** A second call does nothing. */
  async close(): Promise<void> {
    await this.file?.close();
  }

  #append(told: StepLine | v.InferOutput<typeof writtenLine>): void {
    try {
      this.file?.append(line(told));
    } catch {
      // The disk is full. The next line may find room again.
    }
  }
}

/**
 * Reads what a run has told. It is null where no run has told anything, or where the file is none of ours.
 * @throws FileAccessError
 */
export async function readRunHistory(path: string): Promise<RunHistory | null> {
  let [head, tail] = ['', ''];
  try {
    const file = await openRegularFile(path);
    try {
      const { size } = await file.stat();
      const read = async (start: number, length: number) => {
        const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, start);
        return buffer.toString('utf8', 0, bytesRead);
      };
      head = await read(0, Math.min(HEAD_BYTES, size));
      tail = await read(Math.max(0, size - TAIL_BYTES), Math.min(TAIL_BYTES, size));
    } finally {
      await file.close();
    }
  } catch (error) {
    if (isMissing(error)) return null;
    throw error instanceof VoxelLoopError ? error : fileAccessError('read', path, error);
  }
  const started = parsed(startedLine, head.split('\n')[0]);
  if (!started) return null;
  // The first line may be cut off in front, and the last one where the process died.
  const lines = tail.split('\n');
  return {
    started,
    steps: lines.flatMap((each) => parsed(stepLine, each) ?? []),
    checkpoints: lines.flatMap((each) => parsed(writtenLine, each) ?? []),
  };
}

/**
 * Returns what a run had trained since a checkpoint, by its own clock. It is null where that is not known.
 *
 * @param checkpoint the one of that run from which it goes on
 */
export function lostMs(
  history: RunHistory | null,
  checkpoint: { readonly startedAt: string | undefined; readonly trainedMs: number },
): number | null {
  if (history?.started.at !== checkpoint.startedAt) return null;
  return Math.max(0, (history?.steps.at(-1)?.trainedMs ?? 0) - checkpoint.trainedMs);
}

function parsed<Schema extends v.GenericSchema>(schema: Schema, text: string): v.InferOutput<Schema> | null {
  try {
    const result = v.safeParse(schema, JSON.parse(text));
    return result.success ? result.output : null;
  } catch {
    return null;
  }
}

function line(told: object): string {
  return `${JSON.stringify(told)}\n`;
}
