/** Keeps the slabs used last, up to a number of bytes. Two requests for one slab share one read. */
export class SlabCache {
  /** The slabs in order of use, the latest last. */
  readonly #slabs = new Map<number, Uint8Array>();
  readonly #reading = new Map<number, Promise<Uint8Array>>();
  #bytes = 0;

  constructor(
    private readonly read: (index: number) => Promise<Uint8Array>,
    private readonly budgetBytes: number,
  ) {}

  /** Rejects where `read` does; the next request tries again. */
  get(index: number): Uint8Array | Promise<Uint8Array> {
    const kept = this.#slabs.get(index);
    if (kept) {
      this.#slabs.delete(index);
      this.#slabs.set(index, kept);
      return kept;
    }
    let reading = this.#reading.get(index);
    if (!reading) {
      reading = this.#load(index);
      this.#reading.set(index, reading);
    }
    return reading;
  }

  async #load(index: number): Promise<Uint8Array> {
    try {
      const slab = await this.read(index);
      this.#slabs.set(index, slab);
      this.#bytes += slab.length;
      for (const [oldest, bytes] of this.#slabs) {
        if (this.#bytes <= this.budgetBytes || oldest === index) break;
        this.#slabs.delete(oldest);
        this.#bytes -= bytes.length;
      }
      return slab;
    } finally {
      this.#reading.delete(index);
    }
  }
}
