/** A source of uniform numbers that is the same on every machine for the same seed. */
export interface Random {
  /** Uniform in `[0, 1)`, 32 random bits. */
  next(): number;
  /** Uniform integer in `[0, below)`. `below` at most 2^32. */
  integer(below: number): number;
  /** Uniform in `[low, high)`. */
  between(low: number, high: number): number;
  /** Standard normal. */
  normal(): number;
}

/**
 * sfc32 (Chris Doty-Humphrey's Small Fast Counting generator, 128 bits of state, passes PractRand), seeded by
 * splitmix32 so that neighbouring seeds give unrelated streams. Only 32-bit integer arithmetic: exact everywhere.
 *
 * @param seed any integer; its lower 53 bits count
 */
export function seededRandom(seed: number): Random {
  let mixed = seed >>> 0;
  const splitmix = () => {
    mixed = (mixed + 0x9e3779b9) >>> 0;
    let z = mixed;
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return (z ^ (z >>> 15)) >>> 0;
  };
  let a = splitmix();
  let b = splitmix();
  let c = (splitmix() ^ (Math.floor(Math.abs(seed) / 2 ** 32) >>> 0)) >>> 0;
  let counter = 1;

  const next32 = () => {
    const sum = (a + b + counter) >>> 0;
    counter = (counter + 1) >>> 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) >>> 0;
    c = ((c << 21) | (c >>> 11)) >>> 0;
    c = (c + sum) >>> 0;
    return sum;
  };
  for (let round = 0; round < 12; round++) next32();

  const next = () => next32() / 2 ** 32;
  return {
    next,
    integer: (below) => Math.floor(next() * below),
    between: (low, high) => low + (high - low) * next(),
    // Box-Muller. `1 - next()` is in (0, 1], so the logarithm is finite.
    normal: () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
  };
}

/** `items` in an order that depends on the seed alone (Fisher-Yates). The input is left as it is. */
export function shuffled<T>(items: readonly T[], random: Random): T[] {
  const result = [...items];
  for (let last = result.length - 1; last > 0; last--) {
    const other = random.integer(last + 1);
    [result[last], result[other]] = [result[other], result[last]];
  }
  return result;
}
