import type { Plan } from '../../core/learn/plan/plan.ts';
import type { BatchSource, TrainingBatch } from '../../core/learn/samples/batch-source.ts';
import { stepsPerEpoch } from '../../core/learn/samples/make-batch.ts';
import type { LoaderPool } from './loader-pool.ts';

/** The time that training had to wait for its batches. */
export interface WaitingTime {
  readonly waitedMs: number;
  /** The time from the first batch to the last one, waiting included. */
  readonly totalMs: number;
  readonly batches: number;
}

/** Gets batches from worker threads, a few of them made ahead of the step that asks. */
export class WorkerBatches implements BatchSource {
  readonly stepsPerEpoch: number;
  /** The batches by step, from the last one asked for on. */
  readonly #made = new Map<number, Promise<TrainingBatch>>();
  readonly #ahead: number;
  #lastAsked = -1;
  #firstMs: number | undefined;
  #lastMs = 0;
  #waitedMs = 0;
  #given = 0;
  #closed = false;

  constructor(
    private readonly pool: LoaderPool,
    readonly slices: number,
    plan: Plan,
    private readonly onClosed: (waiting: WaitingTime) => void,
  ) {
    this.stepsPerEpoch = stepsPerEpoch(slices, plan);
    // Each worker has one to make while the one before it is learned from.
    this.#ahead = pool.threads + 1;
  }

  async batch(step: number): Promise<TrainingBatch> {
    const askedMs = performance.now();
    for (const known of this.#made.keys()) if (known < step || known > step + this.#ahead) this.#made.delete(known);
    for (let next = step; next <= step + this.#ahead; next++) if (!this.#made.has(next)) this.#order(next);
    this.#lastAsked = Math.max(this.#lastAsked, step);
    const batch = await (this.#made.get(step) as Promise<TrainingBatch>);
    this.#made.delete(step);
    this.#lastMs = performance.now();
    this.#given++;
    // The first one is waited for in any case, because nothing was there to be made ahead.
    if (this.#firstMs === undefined) this.#firstMs = this.#lastMs;
    else this.#waitedMs += this.#lastMs - askedMs;
    return batch;
  }

  setDifficulties(fromStep: number, difficulties: Float32Array): void {
    if (fromStep <= this.#lastAsked) throw new RangeError(`Step ${this.#lastAsked} was asked for already.`);
    if (difficulties.length !== this.slices) throw new RangeError(`There are ${this.slices} slices.`);
    for (const known of this.#made.keys()) if (known >= fromStep) this.#made.delete(known);
    this.pool.setDifficulties(fromStep, difficulties);
  }

  /**
   * Steps from this one on will be asked for again, because training goes on from a checkpoint. Difficulties are to be
   * set again.
   */
  rewind(step: number): void {
    this.#made.clear();
    this.#lastAsked = step - 1;
    // Difficulties that were found behind the checkpoint are unknown again.
    this.pool.setDifficulties(step, new Float32Array(this.slices));
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    const totalMs = this.#firstMs === undefined ? 0 : this.#lastMs - this.#firstMs;
    this.onClosed({ waitedMs: this.#waitedMs, totalMs, batches: this.#given });
    await this.pool.close();
  }

  #order(step: number): void {
    const making = this.pool.batch(step);
    // Whoever asks for it hears of a failure, and perhaps nobody does.
    making.catch(() => undefined);
    this.#made.set(step, making);
  }
}
