import * as v from 'valibot';
import { count } from '../../core/basic-schemas.ts';
import { VoxelLoopError } from '../../core/errors.ts';
import { presetName } from '../../core/learn/plan/preset.ts';
import type { CohortStore } from '../../node/cohort/cohort-store.ts';
import { fileAccessError } from '../../node/files/file-access-error.ts';
import type { LineFile } from '../../node/files/guarded-folder.ts';
import { isMissing } from '../../node/files/missing-file.ts';
import { openRegularFile } from '../../node/files/regular-file.ts';

/** Lines of steps do not come faster than this. */
const STEP_EVERY_MS = 1000;
/** A line of a step is no longer; what is read from the end of a file holds some of them whole. */
const TAIL_BYTES = 1 << 20;
const HEAD_BYTES = 4096;

const startedLine = v.strictObject({
  kind: v.literal('started'),
  /** Tells the run from others: `RunRecord.startedAt` is the same. */
  at: v.string(),
  preset: presetName,
  /** Null: counted in epochs. */
  minutes: v.nullable(v.number()),
});
export type StartedRun = v.InferOutput<typeof startedLine>;

const stepLine = v.strictObject({
  kind: v.literal('step'),
  step: count,
  /** @see TrainingState.trainedMs */
  trainedMs: v.number(),
  /** Of that, this step. */
  stepMs: v.number(),
  loss: v.nullable(v.number()),
  learningRate: v.nullable(v.number()),
});
export type StepLine = v.InferOutput<typeof stepLine>;

const writtenLine = v.strictObject({
  kind: v.literal('checkpoint'),
  step: count,
  bytes: count,
  /** Wall clock that writing it took. */
  milliseconds: v.number(),
});

type JournalPlace = Pick<CohortStore, 'runJournalPath' | 'trainingFolder' | 'files'>;

export interface RunHistory {
  readonly started: StartedRun;
  /** Ascending in step, but where the run went on from a checkpoint. Of a long run those of its end. */
  readonly steps: readonly StepLine[];
  readonly checkpoints: readonly v.InferOutput<typeof writtenLine>[];
}

/**
 * What a run tells of itself, from its first moment on and whatever becomes of it: `training/run.jsonl` (`CohortStore.runJournalPath`), one line of
 * JSON each: that it was started, a step a second, and each checkpoint. It is where "what was lost" is known from after the
 * process was killed. Lines are small and are written at once: they cost a step some millionths of a second.
 */
export class RunJournal {
  #lastStepMs = Number.NEGATIVE_INFINITY;

  private constructor(
    private readonly store: JournalPlace,
    /** Null: without it the training is as good; only what was lost of it will not be known. */
    private readonly file: LineFile | null,
  ) {}

  /** Of a run that begins. What was told of another one is replaced. @throws UnsafePathError, FileAccessError */
  static async start(store: JournalPlace, started: Omit<StartedRun, 'kind'>): Promise<RunJournal> {
    await store.files.makeFolder(store.trainingFolder);
    await store.files.saveText(store.runJournalPath, line({ kind: 'started', ...started }));
    return RunJournal.#open(store);
  }

  /** Of a run that goes on. @throws UnsafePathError, FileAccessError */
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

  /** There is nothing left of the run that it could tell of. */
  async discard(): Promise<void> {
    await this.close();
    const { files, runJournalPath, trainingFolder } = this.store;
    await files.removeFile(runJournalPath);
    await files.removeIfEmpty(trainingFolder);
  }

  /** Idempotent. */
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

/** Null: no run has told anything, or what is there is no such file. @throws FileAccessError */
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
 * What a run had trained since a checkpoint, by its own clock; null: that is not known.
 *
 * @param checkpoint of that run: where it goes on from
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
