import type { Predictor } from '../../core/net/graph/network-engine.ts';

interface Entry {
  readonly predictor: Promise<Predictor>;
  users: number;
}

/** A predictor that is somebody's for a while. */
export interface Loan {
  readonly predictor: Predictor;
  /**
   * Must be called once, when the predictor is not needed any more.
   * @param hasFailed the predictor may be what failed, so nobody gets it again
   */
  readonly end: (hasFailed: boolean) => Promise<void>;
}

/**
 * Up to so many predictors that nobody uses at the moment are kept, because making one takes longer than a small
 * volume.
 */
const IDLE_KEPT = 2;

/** Keeps predictors by key (engine and model). Each is made once and shared. */
export class PredictorCache {
  /** The least recently used comes first. */
  readonly #entries = new Map<string, Entry>();

  /**
   * Lends the predictor of `key`.
   * @throws what `create` throws
   */
  async borrow(key: string, create: () => Promise<Predictor>): Promise<Loan> {
    const entry = this.#entries.get(key) ?? { predictor: create(), users: 0 };
    entry.users++;
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    const end = async (hasFailed: boolean) => {
      if (hasFailed && this.#entries.get(key) === entry) this.#entries.delete(key);
      entry.users--;
      if (entry.users === 0 && this.#entries.get(key) !== entry) await close(entry);
      await this.#closeIdle(IDLE_KEPT);
    };
    try {
      return { predictor: await entry.predictor, end };
    } catch (error) {
      // The next request makes a new one.
      await end(true);
      throw error;
    }
  }

  /** Closes every predictor that nobody uses. */
  close(): Promise<void> {
    return this.#closeIdle(0);
  }

  async #closeIdle(keep: number): Promise<void> {
    const idle = [...this.#entries].filter(([, { users }]) => users === 0);
    for (const [key, entry] of idle.slice(0, Math.max(0, idle.length - keep))) {
      this.#entries.delete(key);
      await close(entry);
    }
  }
}

/**
 * Closes a predictor and swallows failures. One that could not be made has told its user already; one whose device is
 * gone can fail at being closed, and nothing is lost by it.
 */
async function close({ predictor }: Entry): Promise<void> {
  const [made] = await Promise.allSettled([predictor]);
  if (made.status === 'fulfilled') await made.value.close().catch(() => undefined);
}
