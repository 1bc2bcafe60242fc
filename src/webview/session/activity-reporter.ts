/** At most this often the host gets a message while the pointer moves, and while keys are pressed or slices go by. */
const REPORT_MS = { moving: 1000, deciding: 200 };

/**
 * Tells the host now and then that somebody works, and on which slice. The last sign of activity is always told, if a
 * little late.
 */
export class ActivityReporter {
  #reported: { readonly slice: number; readonly atMs: number } | undefined;
  #timer: { readonly id: ReturnType<typeof setTimeout>; readonly dueMs: number } | undefined;

  /**
   * @param shownSlice returns undefined if nothing is shown yet
   * @param nowMs reads a clock that never goes back
   */
  constructor(
    private readonly shownSlice: () => number | undefined,
    private readonly report: (slice: number) => void,
    private readonly nowMs: () => number,
  ) {}

  /**
   * A pointer moved, or a wheel was turned.
   * @param decides true if a key or a button was pressed: a save may follow, and shall count what came before it
   */
  noticed(decides = false): void {
    const slice = this.shownSlice();
    if (slice === undefined) return;
    const wait = decides || slice !== this.#reported?.slice ? REPORT_MS.deciding : REPORT_MS.moving;
    const left = this.#reported ? this.#reported.atMs + wait - this.nowMs() : 0;
    if (left <= 0) this.#tell(slice);
    else this.#tellIn(left);
  }

  /** The view changed: if it shows another slice, the user went there. */
  moved(): void {
    if (this.#reported && this.shownSlice() !== this.#reported.slice) this.noticed();
  }

  close(): void {
    clearTimeout(this.#timer?.id);
    this.#timer = undefined;
  }

  #tellIn(ms: number): void {
    const dueMs = this.nowMs() + ms;
    if (this.#timer && this.#timer.dueMs <= dueMs) return;
    this.close();
    const id = setTimeout(() => {
      const slice = this.shownSlice();
      if (slice === undefined) this.close();
      else this.#tell(slice);
    }, ms);
    this.#timer = { id, dueMs };
  }

  #tell(slice: number): void {
    this.close();
    this.#reported = { slice, atMs: this.nowMs() };
    this.report(slice);
  }
}
