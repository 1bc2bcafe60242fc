import type { FileHandle } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { type CancelSignal, throwIfCancelled } from '../../../core/cancel.ts';
import { formatOf } from '../../../core/formats/registry.ts';
import {
  DETECTED_BYTES,
  type FormatSource,
  type StoredVolume,
  type VoxelPiece,
} from '../../../core/formats/volume-format.ts';
import { VolumeFileError } from '../../../core/volume/volume-file-error.ts';
import type { VolumeHeader } from '../../../core/volume/volume-header.ts';
import { fileAccessError } from '../../files/file-access-error.ts';
import { openRegularFile } from '../../files/regular-file.ts';
import { openBeside } from './detached-file.ts';
import { MAX_DEFLATE_RATIO } from './inflate.ts';
import { inflateFile, isChecksumError, isEarlyEnd } from './inflate-file.ts';
import { type ComponentPlace, gatherComponents, pickComponent, storedRange } from './interleaved-voxels.ts';
import { SpillFile } from './spill-file.ts';

const READ_BYTES = 1 << 20;
/** At most this much is inflated behind the voxels to reach the checksum at the end of the stream. */
const MOST_BEHIND_BYTES = 1 << 20;

/** The file is read all the same, and its user should know this. */
const HOLDS_MORE =
  'This file holds more behind the voxels that its header claims, which is not read. If a part of the volume is missing, get a new copy.';
const APPENDED =
  'Behind the compressed volume in this file lies something else, which is not read; all voxels are there.';

/** A piece of the voxels, in an open file. */
interface OpenPiece extends VoxelPiece {
  readonly at: number;
  readonly handle: FileHandle;
  /** The number of its first byte among those of all voxels, as they stand in the file. */
  readonly start: number;
}

/**
 * An open volume of any format, in one file or several, plain or compressed. Its first bytes decide which format it
 * has, not its name. Handles are kept, so that a file that is replaced meanwhile is still read as it was.
 */
export class VolumeFile {
  #note: string | null = null;
  #unpacked: SpillFile | undefined;

  private constructor(
    readonly path: string,
    readonly header: VolumeHeader,
    /** The byte order of each number. */
    readonly littleEndian: boolean,
    private readonly interleaved: number,
    private readonly pieces: readonly OpenPiece[],
    private readonly handles: ReadonlySet<FileHandle>,
  ) {}

  /**
   * Reads the header, and checks its claims against the size of the file.
   * @throws VolumeFileError, FileAccessError, CancelledError
   */
  static async open(path: string, signal?: CancelSignal): Promise<VolumeFile> {
    throwIfCancelled(signal);
    let handle: FileHandle;
    try {
      handle = await openRegularFile(path);
    } catch (error) {
      throw fileAccessError('read', path, error);
    }
    const handles = new Set([handle]);
    try {
      const first = await readUpTo(handle, 0, DETECTED_BYTES);
      const isGzipped = isGzip(first);
      const source = isGzipped ? new GzippedStart(handle, signal) : plainStart(handle, first);
      const start = await source.start(DETECTED_BYTES);
      const stored = await formatOf(basename(path), start, isGzipped).read(source);
      const { pieces, holdsMore } = await openPieces(path, handle, stored, isGzipped, handles);
      const { header, littleEndian, interleaved } = stored;
      const warnings = holdsMore ? [...header.warnings, HOLDS_MORE] : header.warnings;
      return new VolumeFile(path, { ...header, warnings }, littleEndian, interleaved, pieces, handles);
    } catch (error) {
      for (const open of handles) await open.close();
      throw isSystemError(error) ? fileAccessError('read', path, error) : error;
    }
  }

  /** Tells whether voxels have to be inflated from the start of a stream. */
  get compressed(): boolean {
    return this.#unpacked === undefined && this.pieces.some(({ packing }) => packing !== 'none');
  }

  /**
   * Inflates compressed data into a temporary file, where that is the only way to read any voxel in its turn: a stream
   * in which the volumes alternate voxel by voxel would have to be inflated again for each of them.
   * @throws VolumeFileError, FileAccessError, CancelledError
   */
  async unpackInterleaved(signal?: CancelSignal): Promise<void> {
    if (!this.compressed || this.interleaved === 1) return;
    const unpacked = await SpillFile.create();
    try {
      let position = 0;
      for await (const bytes of this.#storedBytes(0, this.header.dataLength, signal)) {
        await unpacked.write(position, bytes);
        position += bytes.length;
      }
    } catch (error) {
      await unpacked.close();
      throw error;
    }
    this.#unpacked = unpacked;
  }

  /**
   * A sentence about what was noticed when the last voxels were read, although all of them are there. It is null if
   * that is nothing beyond the header's warnings.
   */
  get note(): string | null {
    return this.#note;
  }

  /**
   * Fills `target` with voxel bytes from `position` on (counted from the first voxel, volume by volume). It is for
   * plain files only.
   * @throws VolumeFileError `volume-truncated` if the file has become shorter
   */
  async readAt(position: number, target: Uint8Array): Promise<void> {
    if (this.interleaved === 1) return this.#readStored(position, target);
    const place = this.#componentPlace;
    const [from, to] = storedRange(place, position, position + target.length);
    await gatherComponents(this.#storedBytes(from, to, undefined), from, place, position, target);
  }

  /**
   * The voxel bytes `[from, to)` (counted from the first voxel, volume by volume; whole voxels) in the file's byte
   * order, in pieces of any length. A compressed file is inflated from its start and no further than needed; if that is
   * its whole data, its checksum is verified too, as long as it comes soon behind the voxels. Volumes that alternate
   * voxel by voxel are picked out one after the other, each in a reading of its own.
   * @throws VolumeFileError, CancelledError
   */
  async *voxelBytes(from: number, to: number, signal?: CancelSignal): AsyncGenerator<Uint8Array> {
    if (this.interleaved === 1) {
      yield* this.#storedBytes(from, to, signal);
      return;
    }
    const place = this.#componentPlace;
    for (let at = from; at < to; ) {
      const component = Math.floor(at / place.componentBytes);
      const end = Math.min(to, (component + 1) * place.componentBytes);
      const [first, last] = storedRange(place, at, end);
      yield* pickComponent(this.#storedBytes(first, last, signal), place, component);
      at = end;
    }
  }

  async close(): Promise<void> {
    for (const handle of this.handles) await handle.close();
    await this.#unpacked?.close();
  }

  get #componentPlace(): ComponentPlace {
    const { interleaved, header } = this;
    return { interleaved, width: header.datatype.bytesPerVoxel, componentBytes: header.dataLength / interleaved };
  }

  /** Does what `readAt` does, with bytes as they stand in the file. */
  async #readStored(position: number, target: Uint8Array): Promise<void> {
    const end = position + target.length;
    for (const { start, length, at, skip, handle } of this.pieces) {
      const to = Math.min(end, start + length);
      for (let from = Math.max(position, start); from < to; ) {
        const offset = from - position;
        const { bytesRead } = await handle.read(target, offset, Math.min(to - from, 1 << 30), at + skip + from - start);
        if (bytesRead === 0) throw truncated(this.header, from);
        from += bytesRead;
      }
    }
  }

  /** Does what `voxelBytes` does, with bytes as they stand in the file. */
  async *#storedBytes(from: number, to: number, signal: CancelSignal | undefined): AsyncGenerator<Uint8Array> {
    if (this.#unpacked) {
      for (let at = from; at < to; at += READ_BYTES) yield await this.#unpacked.read(at, Math.min(READ_BYTES, to - at));
      return;
    }
    for (const piece of this.pieces) {
      const [first, end] = [Math.max(from, piece.start), Math.min(to, piece.start + piece.length)];
      if (first >= end) continue;
      if (piece.packing !== 'none') {
        yield* this.#inflatedBytes(piece, first - piece.start, end - piece.start, signal);
        continue;
      }
      for (let at = first; at < end; at += READ_BYTES) {
        throwIfCancelled(signal);
        const bytes = new Uint8Array(Math.min(READ_BYTES, end - at));
        await this.#readStored(at, bytes);
        yield bytes;
      }
    }
  }

  /** The bytes `[from, to)` of a packed piece. */
  async *#inflatedBytes(piece: OpenPiece, from: number, to: number, signal: CancelSignal | undefined) {
    const [first, end] = [piece.skip + from, piece.skip + to];
    const last = to === piece.length;
    let at = 0;
    try {
      for await (const chunk of inflateFile(piece.handle, signal, piece)) {
        const bytes = chunk.subarray(Math.max(0, first - at), Math.max(0, end - at));
        at += chunk.length;
        if (bytes.length > 0) yield bytes;
        if (at >= end && !last) return;
        // The stream may go on without end, so its checksum is checked only if it comes with the next pieces.
        if (at > end + MOST_BEHIND_BYTES) break;
      }
    } catch (error) {
      if (!(error instanceof VolumeFileError)) throw error;
      // All voxels are there: what follows them may be anything, but a wrong checksum says that they are not right.
      if (at < end || isChecksumError(error.cause)) {
        throw isEarlyEnd(error.cause) ? truncated(this.header, undefined) : error;
      }
      this.#notice(APPENDED);
    }
    if (at < end) throw truncated(this.header, piece.start + at - piece.skip);
    if (at > end) this.#notice(HOLDS_MORE);
  }

  #notice(note: string): void {
    if (!this.header.warnings.includes(HOLDS_MORE)) this.#note ??= note;
  }
}

/**
 * Opens the files that hold the voxels, and checks the header's claims against their sizes.
 * @param handles is given every file that is opened
 * @throws VolumeFileError, FileAccessError
 */
async function openPieces(
  path: string,
  own: FileHandle,
  { header, pieces }: StoredVolume,
  isGzipped: boolean,
  handles: Set<FileHandle>,
): Promise<{ pieces: OpenPiece[]; holdsMore: boolean }> {
  const opened: OpenPiece[] = [];
  const beside = new Map<string, FileHandle>();
  let start = 0;
  let holdsMore = false;
  for (const piece of pieces) {
    const handle = piece.file === null ? own : await openBeside(dirname(path), piece.file, beside);
    handles.add(handle);
    const { size } = await handle.stat();
    const at = piece.at === 'end' ? size - piece.length : piece.at;
    const isWhole = isGzipped && piece.file === null;
    // What the format says of a gzipped file is true of what the file inflates to.
    const placed = isWhole ? { ...piece, packing: 'gzip' as const, at: 0, skip: at + piece.skip } : { ...piece, at };
    const needed = placed.skip + placed.length;
    const there = size - placed.at;
    // A compressed file can only be judged by what deflate could have squeezed into it.
    if (placed.at < 0 || needed > (placed.packing === 'none' ? there : there * MAX_DEFLATE_RATIO)) {
      throw truncated(header, undefined);
    }
    // Data that deflate cannot shrink grows by less than a thousandth, and the names in a gzip header are short.
    holdsMore ||= there > (placed.packing === 'none' ? needed : needed * 1.001 + (1 << 16));
    opened.push({ ...placed, handle, start });
    start += piece.length;
  }
  return { pieces: opened, holdsMore };
}

/**
 * Lists the files that the header of a volume names for its voxels, as it says them. There are none for most volumes,
 * and for files that are none.
 * @throws FileAccessError
 */
export async function dataFileNames(path: string): Promise<readonly string[]> {
  let handle: FileHandle | undefined;
  try {
    handle = await openRegularFile(path);
    const first = await readUpTo(handle, 0, DETECTED_BYTES);
    if (isGzip(first)) return [];
    const { pieces } = await formatOf(basename(path), first, false).read(plainStart(handle, first));
    return [...new Set(pieces.flatMap(({ file }) => file ?? []))];
  } catch (error) {
    if (error instanceof VolumeFileError) return [];
    throw isSystemError(error) ? fileAccessError('read', path, error) : error;
  } finally {
    await handle?.close();
  }
}

/** Tells whether a file with this start is gzipped as a whole. */
export function isGzip(start: Uint8Array): boolean {
  return start.length >= 2 && start[0] === 0x1f && start[1] === 0x8b;
}

/** The start of a plain file, of which `first` is read already. */
function plainStart(handle: FileHandle, first: Uint8Array): FormatSource {
  return {
    start: async (length) => (length <= first.length ? first.subarray(0, length) : readUpTo(handle, 0, length)),
  };
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

/** The start of what a compressed file inflates to. */
class GzippedStart implements FormatSource {
  #known = new Uint8Array(0);

  constructor(
    private readonly handle: FileHandle,
    private readonly signal: CancelSignal | undefined,
  ) {}

  async start(length: number): Promise<Uint8Array> {
    if (this.#known.length < length) this.#known = await this.#inflate(length);
    return this.#known.subarray(0, length);
  }

  /** Returns as many bytes as are wanted, or all there are. */
  async #inflate(wanted: number): Promise<Uint8Array<ArrayBuffer>> {
    const start = new Uint8Array(wanted);
    let length = 0;
    try {
      for await (const chunk of inflateFile(this.handle, this.signal)) {
        const piece = chunk.subarray(0, start.length - length);
        start.set(piece, length);
        length += piece.length;
        if (length === start.length) break;
      }
    } catch (error) {
      if (!(error instanceof VolumeFileError && isEarlyEnd(error.cause) && length > 0)) throw error;
    }
    return start.subarray(0, length);
  }
}

function truncated(header: VolumeHeader, found: number | undefined): VolumeFileError {
  const extents = header.dimensions.join(' x ');
  const has = found === undefined ? 'the file is shorter' : `only ${Math.max(0, found)} are there`;
  return new VolumeFileError(
    'volume-truncated',
    `The header claims ${extents} voxels (${header.dataLength} bytes), but ${has}; the file is incomplete: get a new copy.`,
  );
}

function isSystemError(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error;
}
