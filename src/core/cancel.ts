import { CancelledError } from './errors.ts';

/**
 * Long work looks at this between its steps. Every `AbortSignal` is one; core names no platform, so it asks for less.
 */
export interface CancelSignal {
  readonly aborted: boolean;
  addEventListener(type: 'abort', listener: () => void): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

/** Makes a `CancelSignal`; it is `AbortController` without a platform. */
export class CancelSource {
  readonly #listeners = new Set<() => void>();
  #aborted = false;

  readonly signal: CancelSignal = ((source: CancelSource): CancelSignal => ({
    get aborted() {
      return source.#aborted;
    },
    addEventListener: (_type, listener) => {
      source.#listeners.add(listener);
    },
    removeEventListener: (_type, listener) => {
      source.#listeners.delete(listener);
    },
  }))(this);

  /** A second call does nothing. */
  cancel(): void {
    if (this.#aborted) return;
    this.#aborted = true;
    for (const listener of [...this.#listeners]) listener();
    this.#listeners.clear();
  }
}

/**
 * Waits for work that others may wait for too: who cancels only stops waiting, and the work goes on.
 * @throws CancelledError if `signal` is aborted first; also what `work` throws
 */
export async function untilCancelled<Result>(work: Promise<Result>, signal: CancelSignal | undefined): Promise<Result> {
  if (!signal) return work;
  throwIfCancelled(signal);
  let onAbort: () => void = () => undefined;
  const cancelled = new Promise<never>((_, reject) => {
    onAbort = () => reject(new CancelledError());
    signal.addEventListener('abort', onAbort);
  });
  try {
    return await Promise.race([work, cancelled]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

/** @throws CancelledError if `signal` is aborted. */
export function throwIfCancelled(signal: CancelSignal | undefined): void {
  if (signal?.aborted) throw new CancelledError();
}
