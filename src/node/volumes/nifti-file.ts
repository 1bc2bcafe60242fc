import type { FileHandle } from 'node:fs/promises';
import { type CancelSignal, throwIfCancelled } from '../../core/cancel.ts';
import { NiftiError } from '../../core/nifti/nifti-error.ts';
import { HEADER_BYTES_NEEDED, type NiftiHeader, parseNiftiHeader } from '../../core/nifti/nifti-header.ts';
import { fileAccessError } from '../files/file-access-error.ts';
import { openRegularFile } from '../files/regular-file.ts';
import { MAX_DEFLATE_RATIO } from './inflate.ts';
import { inflateFile, isChecksumError, isEarlyEnd } from './inflate-file.ts';

const READ_BYTES = 1 << 20;
/** What is inflated behind the voxels to reach the checksum at the end of the stream. */
const MOST_BEHIND_BYTES = 1 << 20;

/** The file is read, and this is what its user should know. */
const HOLDS_MORE =
  'This file holds more behind the voxels that its header claims, which is not read. If a part of the volume is missing, get a new copy.';
const APPENDED =
  'Behind the compressed volume in this file lies something else, which is not read; all voxels are there.';

/**
 * An open NIfTI file, plain or compressed. Which of the two is decided by its first bytes, not by its name. The handle is
 * kept, so that a file that is replaced meanwhile is still read as it was.
 */
export class NiftiFile {
  #note: string | null = null;

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
      // What deflate cannot shrink grows by less than a thousandth, and the names in a gzip header are short.
      const holdsMore = size > (compressed ? needed * 1.001 + (1 << 16) : needed);
      const warnings = holdsMore ? [...header.warnings, HOLDS_MORE] : header.warnings;
      return new NiftiFile(path, { ...header, warnings }, compressed, size, handle);
    } catch (error) {
      await handle.close();
      throw isSystemError(error) ? fileAccessError('read', path, error) : error;
    }
  }

  /**
   * What was noticed when the last voxels were read, as a sentence, where all of them are there all the same; null: nothing
   * that the header's warnings do not tell.
   */
  get note(): string | null {
    return this.#note;
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
   * verified too, if it comes soon behind the voxels.
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
      for await (const chunk of inflateFile(this.handle, signal)) {
        const piece = chunk.subarray(Math.max(0, first - at), Math.max(0, end - at));
        at += chunk.length;
        if (piece.length > 0) yield piece;
        if (at >= end && !last) return;
        // The stream may go on without end: its checksum is looked at where it comes with the next pieces.
        if (at > end + MOST_BEHIND_BYTES) break;
      }
    } catch (error) {
      if (!(error instanceof NiftiError)) throw error;
      // All voxels are there: what follows them may be anything, but a wrong checksum says that they are not right.
      if (at < end || isChecksumError(error.cause)) {
        throw isEarlyEnd(error.cause) ? truncated(this.header, undefined) : error;
      }
      this.#notice(APPENDED);
    }
    if (at < end) throw truncated(this.header, at - this.header.dataOffset);
    if (at > end) this.#notice(HOLDS_MORE);
  }

  #notice(note: string): void {
    if (!this.header.warnings.includes(HOLDS_MORE)) this.#note ??= note;
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
    for await (const chunk of inflateFile(handle, signal)) {
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

function truncated(header: NiftiHeader, found: number | undefined): NiftiError {
  const extents = header.dimensions.join(' x ');
  const has = found === undefined ? 'the file is shorter' : `only ${Math.max(0, found)} are there`;
  return new NiftiError(
    'nifti-truncated',
    `The header claims ${extents} voxels (${header.dataLength} bytes), but ${has}; the file is incomplete: get a new copy.`,
  );
}

function isSystemError(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error;
}
