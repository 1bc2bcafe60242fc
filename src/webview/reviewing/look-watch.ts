/** A slice that was on the screen for this long in all was looked at; one that flies by while scrolling was not. */
const LOOK_MS = 300;

/** A slice along the review axis as it is on the screen. */
export interface ShownSlice {
  readonly slice: number;
  /** The id of the proposal that is shown on the slice; it is null if none is. */
  readonly proposalId: string | null;
}

/** Tells the host once of each slice that the user looks at, with each proposal that is shown on it. */
export class LookWatch {
  readonly #spentMs = new Map<string, number>();
  readonly #told = new Set<string>();
  #current: { readonly key: string; readonly sinceMs: number } | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /**
   * @param shown returns undefined if no slice is on the screen (the page is hidden, another plane fills it, the image
   * is loading)
   * @param nowMs reads a clock that never goes back
   */
  constructor(
    private readonly shown: () => ShownSlice | undefined,
    private readonly tell: (shown: ShownSlice) => void,
    private readonly nowMs: () => number,
  ) {}

  /** This must be called whenever `shown` may have changed. */
  changed(): void {
    const now = this.shown();
    const key = now && keyOf(now);
    if (key === this.#current?.key) return;
    this.#leave();
    if (!now || key === undefined || this.#told.has(key)) return;
    this.#current = { key, sinceMs: this.nowMs() };
    this.#timer = setTimeout(() => this.decided(now), Math.max(0, LOOK_MS - (this.#spentMs.get(key) ?? 0)));
  }

  /** The user decides about this slice, so it counts as looked at, however briefly it was there. */
  decided(shown: ShownSlice): void {
    const key = keyOf(shown);
    if (this.#told.has(key)) return;
    this.#told.add(key);
    this.tell(shown);
  }

  /** The document was read anew, so what was told is about another one. */
  startOver(): void {
    this.#leave();
    this.#spentMs.clear();
    this.#told.clear();
  }

  close(): void {
    this.#leave();
  }

  #leave(): void {
    clearTimeout(this.#timer);
    if (this.#current) {
      const { key, sinceMs } = this.#current;
      this.#spentMs.set(key, (this.#spentMs.get(key) ?? 0) + this.nowMs() - sinceMs);
    }
    this.#current = undefined;
  }
}

function keyOf({ slice, proposalId }: ShownSlice): string {
  return `${slice} ${proposalId ?? ''}`;
}
