import { createHash } from 'node:crypto';

/** A short text that stands for what a text file says. Line ends do not count, because git may change them. */
export function textFingerprint(text: string): string {
  return `sha256-${createHash('sha256').update(text.replaceAll('\r\n', '\n')).digest('hex')}`;
}
