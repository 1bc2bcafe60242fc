import { type CancelSignal, CancelSource, throwIfCancelled } from './cancel.ts';
import { CancelledError } from './errors.ts';

/**
 * Lets what a person waits for go before what runs in the background on the same machine: background work is
 * interrupted when foreground work begins, and begins anew when the last of it has ended. Background work must
 * therefore be such that it can be done twice.
 */
export class ForegroundFirst {
  readonly #interruptible = new Set<CancelSource>();
  #running = 0;
  #waiting: (() => void)[] = [];

  async foreground<Result>(work: () => Promise<Result>): Promise<Result> {
    this.#running++;
    for (const source of [...this.#interruptible]) source.cancel();
    try {
      return await work();
    } finally {
      if (--this.#running === 0) for (const wake of this.#waiting.splice(0)) wake();
    }
  }

  /**
   * @param work must reject with CancelledError when the signal that it is given is aborted
   * @throws CancelledError if `signal` is aborted; also what `work` throws
   */
  async background<Result>(work: (signal: CancelSignal) => Promise<Result>, signal: CancelSignal): Promise<Result> {
    for (;;) {
      await this.#untilFree(signal);
      throwIfCancelled(signal);
      const source = new CancelSource();
      const cancel = () => source.cancel();
      signal.addEventListener('abort', cancel);
      this.#interruptible.add(source);
      try {
        return await work(source.signal);
      } catch (error) {
        if (!(error instanceof CancelledError) || signal.aborted) throw error;
      } finally {
        this.#interruptible.delete(source);
        signal.removeEventListener('abort', cancel);
      }
    }
  }

  /** Waits until no foreground work is left, or until `signal` is aborted. */
  async #untilFree(signal: CancelSignal): Promise<void> {
    while (this.#running > 0 && !signal.aborted) {
      let wake: () => void = () => undefined;
      await new Promise<void>((resolve) => {
        wake = resolve;
        this.#waiting.push(resolve);
        signal.addEventListener('abort', resolve);
      });
      signal.removeEventListener('abort', wake);
    }
  }
}
