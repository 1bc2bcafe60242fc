/** A slice along the review axis, and the proposal that was shown on it when it was last looked at; null: none was. */
export type SliceLook = readonly [slice: number, proposalId: string | null];

/**
 * Which slices somebody had on the screen. A look counts for what was shown then: where another proposal waits now, the
 * slice has to be looked at again.
 */
export class SliceLooks {
  readonly #proposals = new Map<number, string | null>();

  constructor(known: Iterable<SliceLook> = []) {
    for (const [slice, proposalId] of known) this.mark(slice, proposalId);
  }

  mark(slice: number, proposalId: string | null): void {
    // What was seen with a proposal stays seen with it when the slice is shown again after the proposal was decided.
    if (proposalId !== null || !this.#proposals.has(slice)) this.#proposals.set(slice, proposalId);
  }

  /** @param waiting the proposal that waits on the slice; null: none does, and any look counts */
  has(slice: number, waiting: string | null): boolean {
    const seen = this.#proposals.get(slice);
    return seen !== undefined && (waiting === null || seen === waiting);
  }

  /** Ascending by slice. */
  get all(): readonly SliceLook[] {
    return [...this.#proposals].sort(([a], [b]) => a - b);
  }
}
