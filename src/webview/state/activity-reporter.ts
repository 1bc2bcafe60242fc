/** Messages to the host at most this often while one slice is shown, and while slices go by. */
const REPORT_MS = { sameSlice: 1000, otherSlice: 200 };

/**
 * Tells the host now and then that somebody works, and on which slice. The last sign of activity is always told, if a
 * little late.
 */
export class ActivityReporter {
  #reported: { readonly slice: number; readonly atMs: number } | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /**
   * @param shownSlice undefined: nothing is shown yet
   * @param nowMs of a clock that never goes back
   */
  constructor(
    private readonly shownSlice: () => number | undefined,
    private readonly report: (slice: number) => void,
    private readonly nowMs: () => number,
  ) {}

  /** A pointer moved, a key was pressed, a wheel was turned. */
  noticed(): void {
    const slice = this.shownSlice();
    if (slice === undefined) return;
    const wait = slice === this.#reported?.slice ? REPORT_MS.sameSlice : REPORT_MS.otherSlice;
    const left = this.#reported ? this.#reported.atMs + wait - this.nowMs() : 0;
    if (left <= 0) this.#tell(slice);
    else if (this.#timer === undefined) {
      this.#timer = setTimeout(() => {
        const now = this.shownSlice();
        if (now === undefined) this.close();
        else this.#tell(now);
      }, left);
    }
  }

  /** The view changed: if it shows another slice, the user went there. */
  moved(): void {
    if (this.#reported && this.shownSlice() !== this.#reported.slice) this.noticed();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #tell(slice: number): void {
    this.close();
    this.#reported = { slice, atMs: this.nowMs() };
    this.report(slice);
  }
}
