import { mixSeeds } from './mix-seeds.ts';

/** Four are enough for many numbers; a few need more to be shuffled evenly. */
const ROUNDS = 8;

/**
 * Returns position `index` of the shuffled numbers `0 .. count - 1`, without shuffling them: a Feistel network over the
 * next power of four, walked until it lands inside (Black and Rogaway, "Ciphers with arbitrary finite domains", CT-RSA
 * 2002). A run that is resumed in the middle of an epoch needs no list.
 * @param count up to 2^30
 * @param key says which shuffle it is
 */
export function shuffledIndex(index: number, count: number, key: number): number {
  const halfBits = Math.max(1, Math.ceil(Math.log2(count) / 2));
  const mask = (1 << halfBits) - 1;
  let value = index;
  do {
    let left = value >>> halfBits;
    let right = value & mask;
    for (let round = 0; round < ROUNDS; round++) {
      [left, right] = [right, left ^ (mixSeeds(key, round, right) & mask)];
    }
    value = (left << halfBits) | right;
  } while (value >= count);
  return value;
}
