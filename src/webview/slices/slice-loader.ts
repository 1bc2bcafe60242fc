import { CancelledError } from '../../core/errors.ts';
import type { SliceImage } from '../../core/volume/slice-image.ts';
import { type SliceCache, type SliceKey, sliceKeyText } from './slice-cache.ts';

export type FetchSlice = (key: SliceKey) => Promise<SliceImage>;

/**
 * Brings slices from the host: what is visible first, then what may be wanted soon, and never more than `maxInFlight`
 * requests at a time. A new wish replaces the old one, so fast scrolling over a slow line asks only for where the user
 * is when a request slot gets free, not for everywhere they have been.
 */
export class SliceLoader {
  readonly #inFlight = new Set<string>();
  readonly #failed = new Set<string>();
  #visible: readonly SliceKey[] = [];
  #soon: Iterator<SliceKey> | undefined;
  /**
   * The number of bytes that prefetching has filled since the last wish; beyond the budget it would evict what it
   * brought.
   */
  #soonBytes = 0;
  #closed = false;

  constructor(
    private readonly fetch: FetchSlice,
    private readonly cache: SliceCache,
    /** Is told of every slice that arrived. */
    private readonly onLoaded: (key: SliceKey) => void,
    /** Is told once of each slice that could not be fetched; it is not asked for again until `retry`. */
    private readonly onFailed: (key: SliceKey, error: unknown) => void,
    private readonly maxInFlight = 6,
  ) {}

  /** The slice, if it is here. */
  get(key: SliceKey): SliceImage | undefined {
    return this.cache.get(key);
  }

  /** Tells whether the slice could not be fetched. */
  hasFailed(key: SliceKey): boolean {
    return this.#failed.has(sliceKeyText(key));
  }

  /** Replaces what was wanted before. `soon` is used only as far as the cache's budget allows. */
  want(visible: readonly SliceKey[], soon: Iterable<SliceKey>): void {
    this.#visible = visible;
    this.#soon = soon[Symbol.iterator]();
    this.#soonBytes = 0;
    // Visible slices are touched so that prefetching cannot evict them.
    for (const key of visible) this.#soonBytes += this.cache.get(key)?.data.byteLength ?? 0;
    this.#pump();
  }

  retry(): void {
    this.#failed.clear();
    this.#pump();
  }

  close(): void {
    this.#closed = true;
    this.#soon = undefined;
    this.#visible = [];
  }

  #pump(): void {
    while (!this.#closed && this.#inFlight.size < this.maxInFlight) {
      const key = this.#next();
      if (!key) return;
      void this.#load(key);
    }
  }

  #next(): SliceKey | undefined {
    const visible = this.#visible.find((key) => this.#isMissing(key));
    if (visible) return visible;
    // One slot stays free for what becomes visible next.
    if (this.#inFlight.size >= this.maxInFlight - 1) return undefined;
    while (this.#soon && this.#soonBytes < this.cache.budgetBytes) {
      const { value, done } = this.#soon.next();
      if (done) {
        this.#soon = undefined;
        return undefined;
      }
      if (this.#isMissing(value)) return value;
      // Touching keeps near slices younger than far ones.
      this.#soonBytes += this.cache.get(value)?.data.byteLength ?? 0;
    }
    return undefined;
  }

  #isMissing(key: SliceKey): boolean {
    const text = sliceKeyText(key);
    return !this.cache.has(key) && !this.#inFlight.has(text) && !this.#failed.has(text);
  }

  async #load(key: SliceKey): Promise<void> {
    const text = sliceKeyText(key);
    this.#inFlight.add(text);
    try {
      const slice = await this.fetch(key);
      if (this.#closed) return;
      this.cache.set(key, slice);
      this.#soonBytes += slice.data.byteLength;
      this.onLoaded(key);
    } catch (error) {
      if (this.#closed || error instanceof CancelledError) return;
      this.#failed.add(text);
      this.onFailed(key, error);
    } finally {
      this.#inFlight.delete(text);
      this.#pump();
    }
  }
}
