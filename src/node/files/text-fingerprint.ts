import { createHash } from 'node:crypto';

/** What a text file says, as a short text. Line ends do not count: git may write them otherwise. */
export function textFingerprint(text: string): string {
  return `sha256-${createHash('sha256').update(text.replaceAll('\r\n', '\n')).digest('hex')}`;
}
