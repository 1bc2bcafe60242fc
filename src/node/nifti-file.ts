import type { FileHandle } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';
import { type CancelSignal, throwIfCancelled } from '../core/cancel.ts';
import { NiftiError } from '../core/nifti/nifti-error.ts';
import { HEADER_BYTES_NEEDED, type NiftiHeader, parseNiftiHeader } from '../core/nifti/nifti-header.ts';
import { fileAccessError } from './file-access-error.ts';
import { MAX_DEFLATE_RATIO } from './inflate.ts';
import { openRegularFile } from './regular-file.ts';

const READ_BYTES = 1 << 20;
const COMPRESSED_BLOCK = 1 << 17;

/**
 * An open NIfTI file, plain or compressed. Which of the two is decided by its first bytes, not by its name. The handle is
 * kept, so that a file that is replaced meanwhile is still read as it was.
 */
export class NiftiFile {
  private constructor(
    readonly path: string,
    readonly header: NiftiHeader,
    readonly compressed: boolean,
    /** Bytes on disk. */
    readonly size: number,
    private readonly handle: FileHandle,
  ) {}

  /**
   * Reads the header, and checks its claims against the size of the file.
   * @throws NiftiError, FileAccessError, CancelledError
   */
  static async open(path: string, signal?: CancelSignal): Promise<NiftiFile> {
    throwIfCancelled(signal);
    let handle: FileHandle;
    try {
      handle = await openRegularFile(path);
    } catch (error) {
      throw fileAccessError('read', path, error);
    }
    try {
      const { size } = await handle.stat();
      const first = await readUpTo(handle, 0, HEADER_BYTES_NEEDED);
      const compressed = first.length >= 2 && first[0] === 0x1f && first[1] === 0x8b;
      const start = compressed ? await inflateStart(handle, signal) : first;
      const header = parseNiftiHeader(start);
      const needed = header.dataOffset + header.dataLength;
      // A compressed file can only be judged by what deflate could have squeezed into it.
      const possible = compressed ? size * MAX_DEFLATE_RATIO : size;
      if (needed > possible) throw truncated(header, undefined);
      return new NiftiFile(path, header, compressed, size, handle);
    } catch (error) {
      await handle.close();
      throw isSystemError(error) ? fileAccessError('read', path, error) : error;
    }
  }

  /**
   * Fills `target` with voxel bytes from `position` on (counted from the first voxel). Plain files only.
   * @throws NiftiError `nifti-truncated` if the file has become shorter
   */
  async readAt(position: number, target: Uint8Array): Promise<void> {
    const start = this.header.dataOffset + position;
    for (let done = 0; done < target.length; ) {
      const length = Math.min(target.length - done, 1 << 30);
      const { bytesRead } = await this.handle.read(target, done, length, start + done);
      if (bytesRead === 0) throw truncated(this.header, position + done);
      done += bytesRead;
    }
  }

  /**
   * The voxel bytes `[from, to)` (counted from the first voxel) in the file's byte order, in pieces of any length. A
   * compressed file is inflated from its start and no further than needed; where that is its whole data, its checksum is
   * verified too.
   * @throws NiftiError, CancelledError
   */
  async *voxelBytes(from: number, to: number, signal?: CancelSignal): AsyncGenerator<Uint8Array> {
    if (!this.compressed) {
      for (let at = from; at < to; at += READ_BYTES) {
        throwIfCancelled(signal);
        const piece = new Uint8Array(Math.min(READ_BYTES, to - at));
        await this.readAt(at, piece);
        yield piece;
      }
      return;
    }
    const [first, end] = [this.header.dataOffset + from, this.header.dataOffset + to];
    const last = to === this.header.dataLength;
    let at = 0;
    try {
      for await (const chunk of inflate(this.handle, signal)) {
        if (at >= end) return;
        const piece = chunk.subarray(Math.max(0, first - at), Math.max(0, end - at));
        at += chunk.length;
        if (piece.length > 0) yield piece;
        // The stream ends, checksum included, with the next step; bytes after the voxels are nothing to wait for.
        if (at >= end && !last) return;
      }
    } catch (error) {
      if (!(error instanceof NiftiError)) throw error;
      // All voxels are there: what follows them may be anything, but a wrong checksum says that they are not right.
      if (at >= end && !isChecksumError(error.cause)) return;
      throw isEarlyEnd(error.cause) ? truncated(this.header, undefined) : error;
    }
    if (at < end) throw truncated(this.header, at - this.header.dataOffset);
  }

  async close(): Promise<void> {
    await this.handle.close();
  }
}

async function readUpTo(handle: FileHandle, position: number, length: number): Promise<Uint8Array> {
  const target = new Uint8Array(length);
  let done = 0;
  while (done < length) {
    const { bytesRead } = await handle.read(target, done, length - done, position + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return target.subarray(0, done);
}

/** The first inflated bytes of a compressed file: as many as a header needs, or all there are. */
async function inflateStart(handle: FileHandle, signal: CancelSignal | undefined): Promise<Uint8Array> {
  const start = new Uint8Array(HEADER_BYTES_NEEDED);
  let length = 0;
  try {
    for await (const chunk of inflate(handle, signal)) {
      const piece = chunk.subarray(0, start.length - length);
      start.set(piece, length);
      length += piece.length;
      if (length === start.length) break;
    }
  } catch (error) {
    if (!(error instanceof NiftiError && isEarlyEnd(error.cause) && length > 0)) throw error;
  }
  return start.subarray(0, length);
}

/**
 * The bytes of the file from its start. Not `handle.createReadStream`: a stream that does not close the handle keeps it
 * from ever being closed.
 */
async function* fileBlocks(handle: FileHandle, blockSize: number): AsyncGenerator<Uint8Array> {
  for (let position = 0; ; ) {
    const block = new Uint8Array(blockSize);
    const { bytesRead } = await handle.read(block, 0, blockSize, position);
    if (bytesRead === 0) return;
    position += bytesRead;
    yield block.subarray(0, bytesRead);
  }
}

/**
 * Inflates a gzip file of any number of members. Zeros behind the last one are ignored, anything else there is damage.
 * What was inflated before an error is given out first, but for the block of the error (reading the stream as an iterator
 * would drop more).
 * @throws NiftiError `nifti-damaged`, with zlib's error as its cause
 */
async function* inflate(handle: FileHandle, signal: CancelSignal | undefined): AsyncGenerator<Uint8Array> {
  const gunzip = createGunzip({ chunkSize: 1 << 18 });
  let ready: Uint8Array[] = [];
  let failure: Error | undefined;
  const failed = new Promise<void>((resolve) => {
    gunzip.on('error', (error) => {
      failure = error;
      resolve();
    });
  });
  gunzip.on('data', (chunk: Uint8Array) => ready.push(chunk));
  const ended = new Promise<void>((resolve) => gunzip.on('end', resolve));
  try {
    // One block at a time bounds what waits here: a block inflates to 128 MiB at the very most.
    for await (const block of fileBlocks(handle, COMPRESSED_BLOCK)) {
      throwIfCancelled(signal);
      await Promise.race([new Promise<void>((resolve) => gunzip.write(block, () => resolve())), failed]);
      const chunks = ready;
      ready = [];
      yield* chunks;
      if (failure) break;
    }
    if (!failure) {
      gunzip.end();
      await Promise.race([ended, failed]);
      yield* ready;
    }
    if (!failure) return;
    const what = isEarlyEnd(failure) ? 'ends too early' : 'is damaged';
    throw new NiftiError('nifti-damaged', `The compressed data of this file ${what}; get a new copy.`, {
      cause: failure,
    });
  } finally {
    gunzip.destroy();
  }
}

function truncated(header: NiftiHeader, found: number | undefined): NiftiError {
  const extents = header.dimensions.join(' x ');
  const has = found === undefined ? 'the file is shorter' : `only ${Math.max(0, found)} are there`;
  return new NiftiError(
    'nifti-truncated',
    `The header claims ${extents} voxels (${header.dataLength} bytes), but ${has}; the file is incomplete: get a new copy.`,
  );
}

function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

function isEarlyEnd(error: unknown): boolean {
  return errorCode(error) === 'Z_BUF_ERROR';
}

/** zlib tells of a wrong checksum or length only in words (inflate.c). */
function isChecksumError(error: unknown): boolean {
  return error instanceof Error && /incorrect (data|length) check/.test(error.message);
}

function isSystemError(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error;
}
