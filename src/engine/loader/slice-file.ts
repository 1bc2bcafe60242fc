import { createHash } from 'node:crypto';
import { closeSync, fstatSync, readSync } from 'node:fs';
import { dirname } from 'node:path';
import { deflateSync, inflateSync } from 'node:zlib';
import * as v from 'valibot';
import { count } from '../../core/basic-schemas.ts';
import { MOST_SLICES } from '../../core/case/state/slice-ranges.ts';
import type { LabelledSlice } from '../../core/learn/samples/batch-source.ts';
import { fileAccessError } from '../../node/files/file-access-error.ts';
import { GuardedFolder } from '../../node/files/guarded-folder.ts';
import { isMissing } from '../../node/files/missing-file.ts';
import { openRegularFileSync, readRegularFile } from '../../node/files/regular-file.ts';
import { inflateSmall, MAX_DEFLATE_RATIO } from '../../node/volumes/stored/inflate.ts';

/**
 * The prepared slices of one case lie on disk like this:
 *
 *     for each stored slice, ascending: its planes, then (where it is labelled) its classes
 *     index (JSON)
 *     length of the index (32 bits)  "VLS1"
 *
 * Planes (`[channel, row, column]`, see `toStored`) and classes (`[row, column]`) are 16-bit numbers, little-endian.
 * Each of them and the index is a zlib stream of its own, so any slice is read alone, and every read is checked by
 * zlib's Adler-32; the index holds the SHA-256 of all that precedes it.
 */

/** A slice file is not there, damaged, or holds something else than was asked for. It is to be made anew. */
export class SliceFileMissError extends Error {}

const MAGIC = 'VLS1';
const FOOTER_BYTES = 8;
/**
 * The index has at most so many bytes before it is compressed: a hundred bytes a slice, and the most slices that
 * NIfTI-1 holds, take half of it.
 */
const MOST_INDEX_BYTES = 8 << 20;
/** With this level preparing is as quick as reading the images, and the files are little larger. */
const COMPRESSION_LEVEL = 1;
const WRITTEN_AT_ONCE = 1 << 20;

const factsEntries = {
  /** The number of slices of the whole volume. */
  slices: count,
  neighbourStep: v.picklist([1, -1]),
  rows: count,
  columns: count,
  channels: count,
  pixelAspect: v.number(),
};
const sliceFacts = v.object(factsEntries);
/** The facts that are the same in all slices of a case. */
export type SliceFacts = v.InferOutput<typeof sliceFacts>;

const indexSchema = v.object({
  ...factsEntries,
  /** The key of what the content was made from: whoever asks for another content must not get this one. */
  key: v.string(),
  sha256: v.string(),
  stored: v.array(
    v.object({
      slice: count,
      planesBytes: count,
      /** It is 0 where the slice is not labelled. */
      classesBytes: count,
      /** The classes that the slice shows, background left out. */
      shows: v.array(count),
    }),
  ),
});
type Index = v.InferOutput<typeof indexSchema>;

/** One slice to store. */
export interface PreparedSlice {
  readonly slice: number;
  readonly planes: Int16Array;
  /** It is null where the slice is there as a neighbour only. */
  readonly classes: Int16Array | null;
}

/**
 * Writes the slices as they come. The file appears whole or not at all; one that is there is replaced.
 * @param slices ascending
 * @throws FileAccessError
 */
export async function writeSliceFile(
  path: string,
  key: string,
  facts: SliceFacts,
  slices: AsyncIterable<PreparedSlice> | Iterable<PreparedSlice>,
): Promise<LabelledSlice[]> {
  const labelled: LabelledSlice[] = [];
  const stored: Index['stored'] = [];
  // The folder is the user's cache, and may be a link to another disk.
  const files = new GuardedFolder(dirname(path));
  await files.makeFolder(files.root);
  await files.save(path, async (handle) => {
    const hash = createHash('sha256');
    let waiting: Buffer[] = [];
    let waitingBytes = 0;
    const flush = async () => {
      await handle.appendFile(Buffer.concat(waiting));
      waiting = [];
      waitingBytes = 0;
    };
    const write = async (numbers: Int16Array) => {
      // On a worker thread of its own, waiting for another thread costs more than it brings.
      const bytes = deflateSync(bytesOf(numbers), { level: COMPRESSION_LEVEL });
      hash.update(bytes);
      waiting.push(bytes);
      waitingBytes += bytes.length;
      if (waitingBytes >= WRITTEN_AT_ONCE) await flush();
      return bytes.length;
    };
    for await (const { slice, planes, classes } of slices) {
      const planesBytes = await write(planes);
      const classesBytes = classes ? await write(classes) : 0;
      const shows = classes ? [...new Set(classes)].filter((label) => label > 0).sort((a, b) => a - b) : [];
      stored.push({ slice, planesBytes, classesBytes, shows });
      if (classes) labelled.push({ slice, classes: shows });
    }
    const index: Index = { ...facts, key, sha256: hash.digest('hex'), stored };
    const bytes = deflateSync(JSON.stringify(index));
    const footer = Buffer.alloc(FOOTER_BYTES);
    footer.writeUInt32LE(bytes.length, 0);
    footer.write(MAGIC, 4, 'latin1');
    waiting.push(bytes, footer);
    await flush();
  });
  return labelled;
}

/** Knows where the slices of a case lie in its file; it takes 16 bytes a slice. */
export class SliceIndex {
  readonly facts: SliceFacts;
  /** The first byte by slice; -1 where it is not stored. */
  readonly #start: Float64Array;
  readonly #planesBytes: Uint32Array;
  readonly #classesBytes: Uint32Array;

  constructor(index: Index) {
    this.facts = v.parse(sliceFacts, index);
    this.#start = new Float64Array(index.slices).fill(-1);
    this.#planesBytes = new Uint32Array(index.slices);
    this.#classesBytes = new Uint32Array(index.slices);
    let at = 0;
    for (const { slice, planesBytes, classesBytes } of index.stored) {
      this.#start[slice] = at;
      this.#planesBytes[slice] = planesBytes;
      this.#classesBytes[slice] = classesBytes;
      at += planesBytes + classesBytes;
    }
  }

  /** @throws SliceFileMissError if the slice is not stored */
  planes(slice: number): { start: number; bytes: number } {
    if (!(this.#start[slice] >= 0)) throw new SliceFileMissError(`There is no slice ${slice}.`);
    return { start: this.#start[slice], bytes: this.#planesBytes[slice] };
  }

  /** @throws SliceFileMissError if the slice is not labelled */
  classes(slice: number): { start: number; bytes: number } {
    const { start, bytes } = this.planes(slice);
    if (this.#classesBytes[slice] === 0) throw new SliceFileMissError(`Slice ${slice} is not labelled.`);
    return { start: start + bytes, bytes: this.#classesBytes[slice] };
  }
}

/** What a slice file says of its content. */
export interface IndexedSlices {
  readonly index: SliceIndex;
  /** The labelled slices, ascending. */
  readonly labelled: readonly LabelledSlice[];
}

/** A slice file that is open. Its reads block the thread, so it is for worker threads. */
export class OpenSliceFile {
  readonly #descriptor: number;

  /**
   * @throws SliceFileMissError if there is no such file
   * @throws FileAccessError
   */
  constructor(private readonly path: string) {
    this.#descriptor = this.#checked(() => openRegularFileSync(path));
  }

  /**
   * @throws SliceFileMissError if the content is another than `key` stands for
   * @throws FileAccessError
   */
  readIndex(key: string): IndexedSlices {
    const { size } = this.#checked(() => fstatSync(this.#descriptor));
    const footer = this.read({ start: size - FOOTER_BYTES, bytes: FOOTER_BYTES });
    const bytes = indexBytes(footer, size);
    const contentBytes = size - FOOTER_BYTES - bytes;
    return parseIndex(this.read({ start: contentBytes, bytes }), { key, contentBytes });
  }

  /**
   * @throws SliceFileMissError if the file ends before
   * @throws FileAccessError
   */
  read({ start, bytes }: { readonly start: number; readonly bytes: number }): Buffer {
    const buffer = Buffer.allocUnsafe(bytes);
    let done = 0;
    while (done < bytes) {
      const read =
        start < 0 ? 0 : this.#checked(() => readSync(this.#descriptor, buffer, done, bytes - done, start + done));
      if (read === 0) throw new SliceFileMissError(`${this.path} is too short.`);
      done += read;
    }
    return buffer;
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  #checked<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      if (isMissing(error)) throw new SliceFileMissError(`${this.path} is gone.`, { cause: error });
      throw fileAccessError('read', this.path, error);
    }
  }
}

/**
 * Reads a whole slice file as it is on disk.
 * @throws SliceFileMissError
 * @throws FileAccessError
 */
export async function readSliceFile(path: string, key: string): Promise<IndexedSlices & { bytes: Buffer }> {
  const bytes = await readRegularFile(path).catch((error: unknown) => {
    if (isMissing(error)) throw new SliceFileMissError(`${path} is gone.`, { cause: error });
    throw fileAccessError('read', path, error);
  });
  const end = bytes.length - FOOTER_BYTES;
  if (end < 0) throw new SliceFileMissError(`${path} is too short.`);
  const start = end - indexBytes(bytes.subarray(end), bytes.length);
  const content = bytes.subarray(0, start);
  return { ...parseIndex(bytes.subarray(start, end), { key, contentBytes: start, content }), bytes };
}

/**
 * Inflates stored numbers into `target`, which they must fill.
 * @throws SliceFileMissError if they are damaged or not as many
 */
export function inflateInto(compressed: Uint8Array, target: Int16Array): void {
  let inflated: Buffer;
  try {
    inflated = inflateSync(compressed, { maxOutputLength: Math.max(1, target.byteLength) });
  } catch (cause) {
    throw new SliceFileMissError('A slice is damaged.', { cause });
  }
  if (inflated.length !== target.byteLength) throw new SliceFileMissError('A slice has another size.');
  bytesOf(target).set(inflated);
}

function bytesOf({ buffer, byteOffset, byteLength }: Int16Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function indexBytes(footer: Buffer, fileBytes: number): number {
  const bytes = footer.readUInt32LE(0);
  if (footer.toString('latin1', 4) !== MAGIC || bytes > fileBytes - FOOTER_BYTES) {
    throw new SliceFileMissError('It is no slice file.');
  }
  return bytes;
}

interface ExpectedSlices {
  readonly key: string;
  readonly contentBytes: number;
  /** If it is given, it must have the index's checksum. */
  readonly content?: Uint8Array;
}

function parseIndex(compressed: Uint8Array, { key, contentBytes, content }: ExpectedSlices): IndexedSlices {
  try {
    const index = v.parse(indexSchema, JSON.parse(Buffer.from(inflateSmall(compressed, MOST_INDEX_BYTES)).toString()));
    if (index.key !== key) throw new Error('It holds something else.');
    checkSizes(index, contentBytes);
    if (content && createHash('sha256').update(content).digest('hex') !== index.sha256) {
      throw new Error('Its slices are damaged.');
    }
    const labelled = index.stored.filter(({ classesBytes }) => classesBytes > 0);
    return { index: new SliceIndex(index), labelled: labelled.map(({ slice, shows }) => ({ slice, classes: shows })) };
  } catch (cause) {
    throw new SliceFileMissError('The index of a slice file cannot be used.', { cause });
  }
}

/**
 * Checks the sizes that the index claims. Arrays are made as long as it says, so they may be no longer than what the
 * file's bytes can inflate to.
 */
function checkSizes({ slices, rows, columns, channels, stored }: Index, contentBytes: number): void {
  const numbers = rows * columns * channels;
  let total = 0;
  for (const { slice, planesBytes, classesBytes } of stored) {
    if (slice >= slices || 2 * numbers > planesBytes * MAX_DEFLATE_RATIO) throw new Error('A slice cannot be there.');
    total += planesBytes + classesBytes;
  }
  if (slices > MOST_SLICES || total > contentBytes) throw new Error('It says that there is more than there is.');
}
