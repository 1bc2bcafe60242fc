/**
 * A slice along the review axis, and the proposal that was shown on it when it was last looked at (null where none
 * was).
 */
export type SliceLook = readonly [slice: number, proposalId: string | null];

/**
 * Remembers which slices somebody had on the screen. A look counts for what was shown then: where another proposal
 * waits now, the slice has to be looked at again.
 */
export class SliceLooks {
  readonly #proposals = new Map<number, string | null>();

  constructor(known: Iterable<SliceLook> = []) {
    for (const [slice, proposalId] of known) this.mark(slice, proposalId);
  }

  mark(slice: number, proposalId: string | null): void {
    // A slice that was seen with a proposal stays seen with it when it is shown again after the proposal was decided.
    if (proposalId !== null || !this.#proposals.has(slice)) this.#proposals.set(slice, proposalId);
  }

  /** @param waiting the proposal that waits on the slice; null where none does, so that any look counts */
  has(slice: number, waiting: string | null): boolean {
    const seen = this.#proposals.get(slice);
    return seen !== undefined && (waiting === null || seen === waiting);
  }

  /** The looks, ascending by slice. */
  get all(): readonly SliceLook[] {
    return [...this.#proposals].sort(([a], [b]) => a - b);
  }
}
