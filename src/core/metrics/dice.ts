/**
 * Counts for Dice = 2 |P and T| / (|P| + |T|) of each label (class 0, background, left out), gathered in pieces.
 * Voxels whose truth is negative are ignored (Dice 1945; a label absent from both masks has no Dice).
 */
export class DiceCounter {
  readonly #both: number[];
  readonly #predicted: number[];
  readonly #true: number[];

  /** @param classes background included */
  constructor(classes: number) {
    this.#both = new Array<number>(classes).fill(0);
    this.#predicted = new Array<number>(classes).fill(0);
    this.#true = new Array<number>(classes).fill(0);
  }

  /** Adds voxels: two arrays of one length, class indices; a truth below 0 is left out. */
  add(predicted: ArrayLike<number>, truth: ArrayLike<number>): void {
    for (let index = 0; index < truth.length; index++) {
      const expected = truth[index];
      if (expected < 0) continue;
      const found = predicted[index];
      this.#predicted[found]++;
      this.#true[expected]++;
      if (found === expected) this.#both[found]++;
    }
  }

  /** By label, classes 1 and up; null where the label is in neither mask. */
  dice(): (number | null)[] {
    return this.#both.slice(1).map((both, index) => {
      const total = this.#predicted[index + 1] + this.#true[index + 1];
      return total === 0 ? null : (2 * both) / total;
    });
  }
}

/** The mean of what is defined; null if nothing is. */
export function meanDefined(values: readonly (number | null)[]): number | null {
  const defined = values.filter((value) => value !== null);
  return defined.length === 0 ? null : defined.reduce((sum, value) => sum + value, 0) / defined.length;
}
