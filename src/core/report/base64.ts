const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/**
 * Encodes in base 64 (RFC 4648, section 4), padded. It is written out here because `core` may name no platform that has
 * it built in.
 */
export function base64(bytes: Uint8Array): string {
  const parts: string[] = [];
  for (let at = 0; at < bytes.length; at += 3) {
    const word = (bytes[at] << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    parts.push(
      DIGITS[word >> 18],
      DIGITS[(word >> 12) & 63],
      at + 1 < bytes.length ? DIGITS[(word >> 6) & 63] : '=',
      at + 2 < bytes.length ? DIGITS[word & 63] : '=',
    );
  }
  return parts.join('');
}
