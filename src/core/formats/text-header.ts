import { VolumeFileError } from '../volume/volume-file-error.ts';
import type { FormatSource } from './volume-format.ts';

/** The first part of a header that is read; most headers are shorter. */
const FIRST_BYTES = 1 << 12;
/**
 * A header of text that is longer than this is none: those of segmentations with hundreds of names have a tenth of it.
 */
const MOST_BYTES = 1 << 20;

/** A header that is text in front of the voxels. */
export interface TextHeader {
  /** The lines without their line ends. */
  readonly lines: readonly string[];
  /** Its length in the file, with the line end behind its last line. */
  readonly length: number;
}

/**
 * Reads lines until one is the last of the header, or until the file ends.
 *
 * @param isLast true for the last line of the header
 * @throws VolumeFileError `volume-damaged` if the header does not end
 */
export async function readTextHeader(source: FormatSource, isLast: (line: string) => boolean): Promise<TextHeader> {
  for (let wanted = FIRST_BYTES; ; wanted *= 4) {
    const bytes = await source.start(Math.min(wanted, MOST_BYTES));
    const isWhole = bytes.length < wanted;
    const found = linesUntil(bytes, isLast, isWhole && bytes.length < MOST_BYTES);
    if (found) return found;
    if (wanted >= MOST_BYTES) {
      throw new VolumeFileError(
        'volume-damaged',
        'The header of this file does not end where it should; the file is damaged: get a new copy.',
      );
    }
  }
}

/**
 * Reads the lines. It is null where the header goes on behind these bytes.
 * @param endsHere whether the end of the bytes is the end of the header at the latest
 */
function linesUntil(bytes: Uint8Array, isLast: (line: string) => boolean, endsHere: boolean): TextHeader | null {
  const lines: string[] = [];
  for (let at = 0; ; ) {
    const end = bytes.indexOf(LINE_FEED, at);
    if (end < 0 && !endsHere) return null;
    const line = decode(bytes.subarray(at, end < 0 ? bytes.length : end)).replace(/\r$/, '');
    lines.push(line);
    at = end + 1;
    if (end < 0) return { lines, length: bytes.length };
    if (isLast(line)) return { lines, length: at };
  }
}

const LINE_FEED = 0x0a;

/** Decodes UTF-8 where the bytes are that, else Latin-1. */
function decode(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  if (!/[\x80-\xff]/.test(text)) return text;
  try {
    return decodeURIComponent(text.replace(/[%\x80-\xff]/g, (character) => `%${hexOf(character)}`));
  } catch {
    return text;
  }
}

function hexOf(character: string): string {
  return character.charCodeAt(0).toString(16).padStart(2, '0');
}
