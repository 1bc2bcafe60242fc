/**
 * Makes one 32-bit seed of several numbers, so that work that is named by numbers (a step, a place in its batch) has a
 * generator of its own, whoever does it and in whatever order. It uses MurmurHash3's mixing (Austin Appleby, public
 * domain).
 */
export function mixSeeds(...numbers: readonly number[]): number {
  let hash = 0x2545f491;
  for (const number of numbers) {
    let block = Math.imul(number | 0, 0xcc9e2d51);
    block = (block << 15) | (block >>> 17);
    hash ^= Math.imul(block, 0x1b873593);
    hash = (hash << 13) | (hash >>> 19);
    hash = (Math.imul(hash, 5) + 0xe6546b64) | 0;
  }
  hash ^= numbers.length;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
