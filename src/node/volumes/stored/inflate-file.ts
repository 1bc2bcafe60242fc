import type { FileHandle } from 'node:fs/promises';
import { createGunzip, createInflate, createInflateRaw, type Gunzip, type Inflate, type InflateRaw } from 'node:zlib';
import { type CancelSignal, throwIfCancelled } from '../../../core/cancel.ts';
import { VolumeFileError } from '../../../core/volume/volume-file-error.ts';

/**
 * The first block is small, because a header needs little and a hostile block inflates to a thousand times its size.
 */
const FIRST_BLOCK_BYTES = 1 << 12;
const BLOCK_BYTES = 1 << 17;
const CHUNK_BYTES = 1 << 18;
/** At most this much inflated data waits for its reader. */
const WAITING_BYTES = 4 << 20;

/** The place of packed data in a file, and how it is packed. */
export interface PackedPlace {
  readonly packing: 'gzip' | 'zlib' | 'none';
  /** The position in bytes from the start of the file. */
  readonly at: number;
}

const WHOLE_FILE: PackedPlace = { packing: 'gzip', at: 0 };

/**
 * Inflates a gzip file of any number of members, or what is packed in a file from some byte on, no faster than its
 * reader takes it. Zeros behind the last member are ignored; anything else there is damage. What was inflated before
 * damage is given out first, except for the chunk that it lies in. A zlib stream ends where it says, whatever follows
 * it. Where a header says zlib and the data is a gzip file, it is read as one, as MetaIO does.
 *
 * @throws VolumeFileError `volume-damaged`, with zlib's error as its cause; CancelledError
 */
export async function* inflateFile(
  handle: FileHandle,
  signal: CancelSignal | undefined,
  place: PackedPlace = WHOLE_FILE,
): AsyncGenerator<Uint8Array, void, void> {
  const { at } = place;
  const packing = place.packing === 'zlib' && (await isGzip(handle, at)) ? 'gzip' : place.packing;
  let given = 0;
  const options = { chunkSize: CHUNK_BYTES };
  const stream = packing === 'zlib' ? createInflate(options) : createGunzip(options);
  try {
    for await (const chunk of inflated(stream, handle, at, signal)) {
      given += chunk.length;
      yield chunk;
    }
  } catch (cause) {
    if (!isZlibError(cause)) throw cause;
    // zlib reads on behind a member, and if no other one follows, it drops what it inflated in the same call.
    if (packing === 'gzip' && isNoMember(cause)) yield* lastChunk(handle, at, given, signal);
    const what = isEarlyEnd(cause) ? 'ends too early' : 'is damaged';
    throw new VolumeFileError('volume-damaged', `The compressed data of this file ${what}; get a new copy.`, { cause });
  }
}

async function isGzip(handle: FileHandle, position: number): Promise<boolean> {
  const { buffer } = await handle.read(new Uint8Array(2), 0, 2, position);
  return buffer[0] === 0x1f && buffer[1] === 0x8b;
}

/**
 * The bytes that the members from byte `first` of the file on inflate to, from byte `given` of them on. Their checksums
 * are known to be right.
 */
async function* lastChunk(handle: FileHandle, first: number, given: number, signal: CancelSignal | undefined) {
  let at = 0;
  for (let member = first; ; ) {
    const start = await endOfMemberHeader(handle, member, member === first);
    if (start === null) return;
    const inflate = createInflateRaw({ chunkSize: CHUNK_BYTES });
    for await (const chunk of inflated(inflate, handle, start, signal)) {
      const piece = chunk.subarray(Math.max(0, given - at));
      at += chunk.length;
      if (piece.length > 0) yield piece;
    }
    // Checksum and length, four bytes each, follow the deflated data.
    member = start + inflate.bytesWritten + 8;
  }
}

/**
 * Inflates the file from `position` on. The stream is not read as an iterator, which would drop what was inflated
 * before an error; it pauses while its reader has enough to do.
 * @throws zlib's error
 */
async function* inflated(
  inflate: Gunzip | Inflate | InflateRaw,
  handle: FileHandle,
  position: number,
  signal: CancelSignal | undefined,
): AsyncGenerator<Uint8Array, void, void> {
  let ready: Uint8Array[] = [];
  let readyBytes = 0;
  let failure: Error | undefined;
  let hasEnded = false;
  let wake = () => {};
  inflate.on('data', (chunk: Uint8Array) => {
    ready.push(chunk);
    readyBytes += chunk.length;
    if (readyBytes < WAITING_BYTES) return;
    inflate.pause();
    wake();
  });
  inflate.on('error', (error) => {
    failure = error;
    wake();
  });
  inflate.on('end', () => {
    hasEnded = true;
    wake();
  });
  /** Gives out what comes until `isDone`. */
  async function* whileWaiting(isDone: () => boolean) {
    for (;;) {
      while (ready.length > 0) {
        const chunks = ready;
        ready = [];
        readyBytes = 0;
        yield* chunks;
      }
      if (failure || hasEnded || isDone()) return;
      const woken = new Promise<void>((resolve) => {
        wake = resolve;
      });
      inflate.resume();
      await woken;
    }
  }
  try {
    for await (const block of fileBlocks(handle, position)) {
      throwIfCancelled(signal);
      let isWritten = false;
      inflate.write(block, () => {
        isWritten = true;
        wake();
      });
      yield* whileWaiting(() => isWritten);
      if (failure || hasEnded) break;
    }
    if (!failure && !hasEnded) {
      inflate.end();
      yield* whileWaiting(() => false);
    }
    if (failure) throw failure;
  } finally {
    inflate.destroy();
  }
}

/**
 * The bytes of the file. This is not `handle.createReadStream`, because a stream that does not close the handle keeps
 * it from ever being closed.
 */
async function* fileBlocks(handle: FileHandle, start: number): AsyncGenerator<Uint8Array> {
  for (let position = start, length = FIRST_BLOCK_BYTES; ; length = BLOCK_BYTES) {
    const block = new Uint8Array(length);
    const { bytesRead } = await handle.read(block, 0, length, position);
    if (bytesRead === 0) return;
    position += bytesRead;
    yield block.subarray(0, bytesRead);
  }
}

/**
 * The position where the deflated data of the member at `position` begins (RFC 1952, 2.3); it is null if no member is
 * there.
 */
async function endOfMemberHeader(handle: FileHandle, position: number, isFirst: boolean): Promise<number | null> {
  const header = new Uint8Array(FIRST_BLOCK_BYTES);
  const { bytesRead } = await handle.read(header, 0, header.length, position);
  if (bytesRead < 18 || header[0] !== 0x1f || header[1] !== 0x8b || header[2] !== 8) return null;
  const flags = header[3];
  // What zlib refuses must not be taken here. Whether it refused a later member for its header's checksum is not known.
  if (flags & RESERVED || (!isFirst && flags & HEADER_CHECKSUM)) return null;
  let at = 10;
  if (flags & EXTRA) at += 2 + header[at] + 256 * header[at + 1];
  for (const text of [NAME, COMMENT]) if (flags & text) at = header.indexOf(0, at) + 1 || bytesRead;
  if (flags & HEADER_CHECKSUM) at += 2;
  return at < bytesRead ? position + at : null;
}

const [HEADER_CHECKSUM, EXTRA, NAME, COMMENT, RESERVED] = [2, 4, 8, 16, 0xe0];

export function isEarlyEnd(error: unknown): boolean {
  return isZlibError(error) && error.code === 'Z_BUF_ERROR';
}

/** zlib tells of a wrong checksum or length only in words (inflate.c). */
export function isChecksumError(error: unknown): boolean {
  return isZlibError(error) && /incorrect (data|length) check/.test(error.message);
}

/**
 * Tells whether something that is no member follows one: the first member of a file that is looked at here begins with
 * its magic number.
 */
function isNoMember(error: NodeJS.ErrnoException): boolean {
  return /incorrect header check|unknown compression method|unknown header flags/.test(error.message);
}

function isZlibError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('Z_');
}
