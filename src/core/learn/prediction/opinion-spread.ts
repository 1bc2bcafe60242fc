/**
 * Measures how far several opinions of the same pixels lie apart: the variance of the probability between them, summed
 * over all classes but background. Of two certain opinions it is 0 where they agree, 1/4 where one says background, and
 * 1/2 where they say two labels.
 */
export class OpinionSpread {
  readonly #sums: readonly Float32Array[];
  readonly #squares: Float32Array;
  #opinions = 0;

  constructor(pixels: number, classes: number) {
    this.#sums = Array.from({ length: classes - 1 }, () => new Float32Array(pixels));
    this.#squares = new Float32Array(pixels);
  }

  /**
   * Adds one opinion's probabilities of one class.
   * @param label 0 (background) says nothing by itself and is passed over
   */
  add(label: number, probabilities: Float32Array): void {
    if (label === 0) return;
    if (label === 1) this.#opinions++;
    const sum = this.#sums[label - 1];
    for (let pixel = 0; pixel < sum.length; pixel++) {
      sum[pixel] += probabilities[pixel];
      this.#squares[pixel] += probabilities[pixel] ** 2;
    }
  }

  /** Writes the spread of what was added to `target` and starts over. */
  finish(target: Float32Array): void {
    const share = 1 / this.#opinions;
    for (let pixel = 0; pixel < target.length; pixel++) {
      let squares = this.#squares[pixel] * share;
      for (const sum of this.#sums) squares -= (sum[pixel] * share) ** 2;
      target[pixel] = Math.max(0, squares);
    }
    for (const sum of this.#sums) sum.fill(0);
    this.#squares.fill(0);
    this.#opinions = 0;
  }
}
