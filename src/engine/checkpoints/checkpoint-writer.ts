import type { Checkpoints } from '../../core/learn/training/network-training.ts';
import type { TrainingState } from '../../core/learn/training/training-state.ts';
import type { WrittenCheckpoint } from './checkpoint-contract.ts';

/** At least so much time lies between two checkpoints. */
const EVERY_MS = 5000;
/** Large checkpoints come less often: for the sake of the disk no more than this is written in the long run. */
const MOST_BYTES_PER_SECOND = 20e6;
/** When a checkpoint is so much late, training waits for it rather than to go on and lose more. */
const LATE_MS = 3000;
/**
 * Waiting takes no more than this share of the time. A disk that is too slow for it gets fewer checkpoints, and more
 * can be lost.
 */
const MOST_WAITING = 1 / 5;
/**
 * A training that has just begun may wait as if it had gone on for so long, or one late write would be too much for it.
 */
const LEAST_TIME_MS = 60_000;

/**
 * As long as checkpoints have up to 100 MB and are written within four seconds, a process that is killed loses no more
 * than this of its training, and the step that it was in, however busy the machine is.
 */
export const MOST_LOST_MS = EVERY_MS + LATE_MS;

/**
 * Returns the same where checkpoints are larger or the disk is slower.
 * @param written the checkpoint that was written last
 */
export function mostLostMs(written: WrittenCheckpoint): number {
  return everyMsAfter(written) + LATE_MS;
}

/**
 * Returns the pause between two checkpoints. Training waits for a write that takes longer than `LATE_MS`, and the pause
 * is so long that this is a small share of it.
 */
function everyMsAfter({ bytes, milliseconds }: WrittenCheckpoint): number {
  return Math.max(EVERY_MS, (1000 * bytes) / MOST_BYTES_PER_SECOND, (milliseconds - LATE_MS) / MOST_WAITING);
}

export interface WrittenState extends WrittenCheckpoint {
  readonly step: number;
}

/**
 * Writes states while training goes on. Of the states that come while one is being written, the newest is written next.
 */
export class CheckpointWriter implements Checkpoints {
  #writing: Promise<void> | undefined;
  #waiting: { readonly state: TrainingState; readonly takenMs: number } | undefined;
  #everyMs = EVERY_MS;
  /** The times at which the newest state that was offered was taken, and the newest that is on the disk. */
  #takenMs = performance.now();
  #safeMs = performance.now();
  readonly #beganMs = performance.now();
  #waitedMs = 0;
  #bestStep: number | undefined;
  #longestToldMs = 0;
  #hasWarned = false;
  #hasWarnedOfSlowDisk = false;

  /**
   * @param write resolves when the state is on the disk
   * @param onWritten is told of each state that was written
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
    const nowMs = performance.now();
    if (!this.#writing || nowMs <= this.#safeMs + this.#everyMs + LATE_MS) return;
    // How long a write takes is known when it is done. Until then, and where it never is, training waits for this share
    // of the time.
    const leftMs = MOST_WAITING * Math.max(LEAST_TIME_MS, nowMs - this.#beganMs) - this.#waitedMs;
    if (leftMs <= 0) return;
    await settledWithin(this.#writing, leftMs);
    this.#waitedMs += performance.now() - nowMs;
  }

  /** Resolves when all is written. */
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
        this.#everyMs = everyMsAfter(written);
        this.#tell({ ...written, step: state.step });
        this.#warnOfSlowDisk(written);
      } catch (error) {
        this.#warn(error);
      }
      this.#safeMs = takenMs;
    }
    this.#writing = undefined;
  }

  /** Logs how long the first write takes, and later each one that takes twice as long as all before. */
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

  /**
   * Warns of a slow disk. Large checkpoints lose more too, but that is no fault of the disk, and the first line about
   * them says how often they come.
   */
  #warnOfSlowDisk({ bytes, milliseconds }: WrittenCheckpoint): void {
    if (this.#hasWarnedOfSlowDisk || this.#everyMs <= everyMsAfter({ bytes, milliseconds: 0 })) return;
    this.#hasWarnedOfSlowDisk = true;
    const [took, lost] = [milliseconds, this.#everyMs + LATE_MS].map((each) => Math.round(each / 1000));
    this.log(
      'warning',
      `It took ${took} s to write a checkpoint, most likely because the disk is slow. So that training does not stand still, they come less often, and up to ${lost} s of it are lost if it is interrupted.`,
    );
  }

  /** Warns and goes on: a full disk is no reason to lose what is being learned. */
  #warn(error: unknown): void {
    if (this.#hasWarned) return;
    this.#hasWarned = true;
    const reason = error instanceof Error ? error.message : String(error);
    this.log('warning', `Training goes on without checkpoints, it cannot be resumed if it is interrupted: ${reason}`);
  }
}

async function settledWithin(work: Promise<void>, milliseconds: number): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const passed = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, milliseconds);
  });
  await Promise.race([work, passed]);
  clearTimeout(timer);
}
