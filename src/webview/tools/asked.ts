import { type CancelSignal, CancelSource, untilCancelled } from '../../core/cancel.ts';
import type { Gesture, Query } from '../../core/tools/known-tools.ts';

/** Asks whoever has the image what a query draws. It rejects with a CancelledError when `signal` is aborted. */
export type AskAboutImage = (
  query: Query,
  signal: CancelSignal,
  onProgress: (fraction: number) => void,
) => Promise<Gesture>;

interface AskedListener {
  answered(gesture: Gesture): void;
  progressed(): void;
  failed(error: unknown): void;
}

/**
 * The queries of one gesture. One is asked at a time, and of those that come meanwhile only the last: the picture
 * follows the pointer as fast as answers come, and is never further behind than one of them.
 */
export class Asked {
  #running: { readonly query: Query; readonly source: CancelSource } | undefined;
  #next: Query | undefined;
  #fraction: number | undefined;
  #end: Promise<void> = Promise.resolve();

  constructor(
    private readonly askAboutImage: AskAboutImage,
    private readonly listener: AskedListener,
  ) {}

  /** The newest query that is not answered yet; it is undefined if all are. */
  get query(): Query | undefined {
    return this.#next ?? this.#running?.query;
  }

  /** The share of the work on the query under way, 0 to 1; it is undefined if nothing is asked. */
  get fraction(): number | undefined {
    return this.#fraction;
  }

  ask(query: Query): void {
    this.#next = query;
    if (!this.#running) this.#end = this.#askAll();
  }

  /**
   * No query comes after those that were asked, and only the answer to the newest counts: an older one that is still
   * being worked out stops, so that nobody waits for what they will not see.
   */
  askOnlyNewest(): void {
    const newest = this.#next;
    if (!newest) return;
    this.cancel();
    this.ask(newest);
  }

  /** Nobody wants the answers any more. */
  cancel(): void {
    this.#next = undefined;
    this.#running?.source.cancel();
    this.#running = undefined;
    this.#fraction = undefined;
  }

  /** Resolves when all queries are answered, or nobody wants the answers any more. */
  ended(): Promise<void> {
    return this.#end;
  }

  async #askAll(): Promise<void> {
    while (this.#next) {
      const running = { query: this.#next, source: new CancelSource() };
      this.#next = undefined;
      this.#running = running;
      this.#fraction = 0;
      const isWanted = () => this.#running === running;
      try {
        const { query, source } = running;
        const answer = this.askAboutImage(query, source.signal, (fraction) => {
          if (!isWanted()) return;
          this.#fraction = fraction;
          this.listener.progressed();
        });
        // Who has the image may not see for a while that nobody wants the answer any more.
        const gesture = await untilCancelled(answer, source.signal);
        if (!isWanted()) return;
        this.#running = undefined;
        this.#fraction = undefined;
        this.listener.answered(gesture);
      } catch (error) {
        // What was cancelled here may still fail; another query may even be under way.
        if (running.source.signal.aborted) return;
        this.cancel();
        this.listener.failed(error);
        return;
      }
    }
  }
}
