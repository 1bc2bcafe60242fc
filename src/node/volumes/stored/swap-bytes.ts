/** Reverses the bytes of every number of `width` bytes in place; a rest shorter than that is left alone. */
export function swapBytes(bytes: Uint8Array, width: 1 | 2 | 4 | 8): void {
  if (width === 1) return;
  const whole = bytes.length - (bytes.length % width);
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, whole);
  if (width === 2) buffer.swap16();
  else if (width === 4) buffer.swap32();
  else buffer.swap64();
}
