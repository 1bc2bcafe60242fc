/** The offset basis of FNV-1a (Fowler, Noll, Vo) with 32 bits, and another start for a second, independent half. */
const STARTS = [0x811c9dc5, 0x050c5d1f];
const PRIME = 0x01000193;

/**
 * Makes a text that tells bytes from other bytes that came about by accident. It is no help against somebody who wants
 * them to look alike.
 */
export function quickDigest(bytes: Uint8Array): string {
  const halves = STARTS.map((start) => {
    let hash = start;
    for (const byte of bytes) hash = Math.imul(hash ^ byte, PRIME);
    return (hash >>> 0).toString(16).padStart(8, '0');
  });
  return `${halves.join('')}-${bytes.length}`;
}
