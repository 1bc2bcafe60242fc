import { VolumeFileError, type VolumeFileErrorCode } from '../volume/volume-file-error.ts';

/**
 * A file that stands where a volume should be and is something that a person can be helped with. A row says how the
 * first bytes tell it, and what to do. A new kind is one row.
 */
interface StandIn {
  readonly code: VolumeFileErrorCode;
  /**
   * Says whether this is the (uncompressed) start of such a file. `text` is the same as characters, with white space in
   * front left out.
   */
  readonly matches: (bytes: Uint8Array, text: string) => boolean;
  readonly sentence: string;
}

const STAND_INS: readonly StandIn[] = [
  {
    code: 'volume-lfs-pointer',
    matches: (_, text) => text.startsWith('version https://git-lfs.') || text.startsWith('version https://hawser.'),
    sentence:
      'This is a Git LFS pointer and not the volume, which has not been downloaded: run `git lfs pull` in its folder.',
  },
  {
    code: 'volume-annex-pointer',
    matches: (_, text) => /^[\\/]annex[\\/]objects[\\/]/.test(text),
    sentence:
      'This is a git-annex pointer and not the volume, whose content is not on this computer: run `git annex get` on it.',
  },
  {
    code: 'volume-web-page',
    matches: (_, text) => /^<(!doctype\s+html|html|head|\?xml)/i.test(text),
    sentence:
      'This is a web page and not the volume: the download ended at a login or error page. Log in there, and download it again.',
  },
  {
    code: 'volume-apple-double',
    matches: ([a, b, c, d]) => a === 0 && b === 5 && c === 0x16 && (d === 0 || d === 7),
    sentence:
      'This holds what macOS notes beside a file (AppleDouble), and not the volume: open the file whose name begins without "._".',
  },
];

/** `standInError` looks at so many bytes. */
export const STAND_IN_BYTES = 64;

/**
 * @param start the first bytes of a file of no known format
 * @returns what it is instead, or null where that is nothing that is known
 */
export function standInError(start: Uint8Array): VolumeFileError | null {
  const text = String.fromCharCode(...start.subarray(0, STAND_IN_BYTES))
    .replace(/^\u00ef\u00bb\u00bf/, '')
    .trimStart();
  const found = STAND_INS.find(({ matches }) => matches(start, text));
  return found ? new VolumeFileError(found.code, found.sentence) : null;
}
