/**
 * Draws seeded random numbers: the same seed gives the same numbers on every machine and in every version.
 *
 * The generator is sfc32 (Chris Doty-Humphrey, PractRand: 128 bits of state, passes BigCrush), its state filled from
 * the seed by splitmix32. It must not be used for secrets.
 */
export class SeededRandom {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;
  #spareNormal: number | undefined;

  /** @param seed any number; its 32-bit integer part counts */
  constructor(seed: number) {
    let state = seed | 0;
    const next = (): number => {
      state = (state + 0x9e3779b9) | 0;
      let mixed = state ^ (state >>> 16);
      mixed = Math.imul(mixed, 0x21f0aaad);
      mixed ^= mixed >>> 15;
      mixed = Math.imul(mixed, 0x735a2d97);
      return mixed ^ (mixed >>> 15);
    };
    this.#a = next();
    this.#b = next();
    this.#c = next();
    // The generator's author advises to drop some: the first outputs still carry the seed's structure.
    for (let i = 0; i < 12; i++) this.uint32();
  }

  /** An integer in `[0, 2^32)`. */
  uint32(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  /** A number in `[min, max)`, with 53 random bits. */
  uniform(min = 0, max = 1): number {
    const high = this.uint32() >>> 5;
    const low = this.uint32() >>> 6;
    return min + ((max - min) * (high * 0x4000000 + low)) / 0x20000000000000;
  }

  /** An integer in `[0, count)`. */
  integer(count: number): number {
    return Math.floor(this.uniform() * count);
  }

  /** A normally distributed number (Marsaglia's polar method). */
  normal(mean = 0, standardDeviation = 1): number {
    if (this.#spareNormal !== undefined) {
      const spare = this.#spareNormal;
      this.#spareNormal = undefined;
      return mean + standardDeviation * spare;
    }
    for (;;) {
      const u = this.uniform(-1, 1);
      const v = this.uniform(-1, 1);
      const squared = u * u + v * v;
      if (squared === 0 || squared >= 1) continue;
      const scale = Math.sqrt((-2 * Math.log(squared)) / squared);
      this.#spareNormal = v * scale;
      return mean + standardDeviation * u * scale;
    }
  }

  /** Shuffles in place (Fisher-Yates) and returns the same array. */
  shuffle<T>(items: T[]): T[] {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      [items[i], items[j]] = [items[j] as T, items[i] as T];
    }
    return items;
  }

  /** One of `items`, each equally likely. @throws RangeError if there is none */
  pick<T>(items: readonly T[]): T {
    if (items.length === 0) throw new RangeError('Cannot pick from an empty list.');
    return items[this.integer(items.length)] as T;
  }

  /**
   * Returns a generator of its own, drawn from this one: work that draws more or fewer numbers from it does not disturb
   * the rest.
   */
  fork(): SeededRandom {
    return new SeededRandom(this.uint32());
  }
}
