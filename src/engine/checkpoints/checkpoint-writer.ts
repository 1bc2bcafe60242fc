import type { Checkpoints } from '../../core/learn/training/train-network.ts';
import type { TrainingState } from '../../core/learn/training/training-state.ts';
import type { WrittenCheckpoint } from './checkpoint-contract.ts';

/** Between two checkpoints, at least. */
const EVERY_MS = 5000;
/** Large ones come less often: no more than this is written in the long run, for the sake of the disk. */
const MOST_BYTES_PER_SECOND = 20e6;
/** Training waits for a checkpoint that is so much late, rather than to go on and lose more. */
const LATE_MS = 3000;

/**
 * As long as checkpoints have up to 100 MB, a process that is killed loses no more than this of its training, and the step that it was in: however busy
 * the machine and however slow the disk.
 */
export const MOST_LOST_MS = EVERY_MS + LATE_MS;

export interface WrittenState extends WrittenCheckpoint {
  readonly step: number;
}

/** Writes states while training goes on: of those that come while one is being written, the newest is next. */
export class CheckpointWriter implements Checkpoints {
  #writing: Promise<void> | undefined;
  #waiting: { readonly state: TrainingState; readonly takenMs: number } | undefined;
  #everyMs = EVERY_MS;
  /** When the newest state that was offered was taken, and the newest that is on the disk. */
  #takenMs = performance.now();
  #safeMs = performance.now();
  #bestStep: number | undefined;
  #longestToldMs = 0;
  #hasWarned = false;

  /**
   * @param write resolves when the state is on the disk
   * @param onWritten hears of each that is
   */
  constructor(
    private readonly write: (state: TrainingState, bestIsNew: boolean) => Promise<WrittenCheckpoint>,
    private readonly onWritten: (written: WrittenState) => void,
    private readonly log: (level: 'info' | 'warning', message: string) => void,
  ) {}

  isDue(): boolean {
    return !this.#writing && performance.now() >= this.#takenMs + this.#everyMs;
  }

  async save(state: TrainingState): Promise<void> {
    this.#takenMs = performance.now();
    this.#waiting = { state, takenMs: this.#takenMs };
    this.#writing ??= this.#writeAll();
  }

  async keepUp(): Promise<void> {
    if (this.#writing && performance.now() > this.#safeMs + this.#everyMs + LATE_MS) await this.#writing;
  }

  /** When all is written. */
  async flush(): Promise<void> {
    await this.#writing;
  }

  async #writeAll(): Promise<void> {
    for (;;) {
      const next = this.#waiting;
      if (!next) break;
      this.#waiting = undefined;
      const { state, takenMs } = next;
      try {
        const written = await this.write(state, state.best?.step !== this.#bestStep);
        this.#bestStep = state.best?.step;
        this.#everyMs = Math.max(EVERY_MS, (1000 * written.bytes) / MOST_BYTES_PER_SECOND);
        this.#tell({ ...written, step: state.step });
      } catch (error) {
        this.#warn(error);
      }
      this.#safeMs = takenMs;
    }
    this.#writing = undefined;
  }

  /** How long the first takes stands in the log, and of the later ones what takes twice as long as all before. */
  #tell(written: WrittenState): void {
    this.onWritten(written);
    const { step, bytes, milliseconds } = written;
    if (this.#longestToldMs > 0 && milliseconds < 2 * this.#longestToldMs) return;
    this.#longestToldMs = Math.max(1, milliseconds);
    const [megabytes, seconds] = [(bytes / 1e6).toFixed(1), (milliseconds / 1000).toFixed(2)];
    const every = Math.round(this.#everyMs / 1000);
    this.log(
      'info',
      `The checkpoint of step ${step} was written in ${seconds} s (${megabytes} MB). One is written every ${every} s, beside the training.`,
    );
  }

  /** A full disk is no reason to lose what is being learnt. */
  #warn(error: unknown): void {
    if (this.#hasWarned) return;
    this.#hasWarned = true;
    const reason = error instanceof Error ? error.message : String(error);
    this.log('warning', `Training goes on without checkpoints, it cannot be resumed if it is interrupted: ${reason}`);
  }
}
