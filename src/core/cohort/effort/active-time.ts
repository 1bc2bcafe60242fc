/**
 * Tells work from waiting: adds up the time between signs of activity (pointer, keys, scrolling), each stretch for the
 * place that was shown when it began. A stretch that is longer than the time-out was a break, and none of it counts.
 *
 * Everything goes through one clock, so that stretches never overlap: two editors on one case, or one case after the
 * other, can never count a second twice.
 */
export class ActiveTime<Place> {
  #last: { readonly place: Place; readonly atMs: number } | null = null;

  /**
   * @param idleMs the longest stretch without a sign that still is work
   * @param credit is told of every stretch of work, as soon as it has ended
   */
  constructor(
    private readonly idleMs: () => number,
    private readonly credit: (place: Place, ms: number) => void,
  ) {}

  /**
   * Takes note of a sign of activity.
   * @param atMs the time on a clock that never goes back
   */
  activity(place: Place, atMs: number): void {
    this.#endStretch(atMs);
    this.#last = { place, atMs };
  }

  /** The user went elsewhere: what comes now is no work here, until the next sign. */
  pause(atMs: number): void {
    this.#endStretch(atMs);
    this.#last = null;
  }

  #endStretch(atMs: number): void {
    if (!this.#last) return;
    const ms = atMs - this.#last.atMs;
    if (ms > 0 && ms <= this.idleMs()) this.credit(this.#last.place, ms);
  }
}
