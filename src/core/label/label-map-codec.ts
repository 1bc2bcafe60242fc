import { ByteReader, MalformedBytesError } from '../binary/byte-reader.ts';
import { ByteWriter } from '../binary/byte-writer.ts';
import { VoxelLoopError } from '../errors.ts';
import type { Vec3 } from '../geometry/vector.ts';
import { MAX_LABEL } from './label-edit.ts';
import { LabelMap, type ReadonlyLabelMap } from './label-map.ts';
import { LabelMapFormatError } from './label-map-errors.ts';
import { RunLengths } from './run-lengths.ts';

const MAGIC = 'VLLM';
const VERSION = 1;

/** Magic, version and shape take at most so many bytes. */
const MOST_HEAD_BYTES = 5 + 3 * 8;
/** A run takes most bytes for its voxels where it is one voxel long: three for the label, one for the length. */
const MOST_BYTES_PER_VOXEL = 4;

/** Returns the most bytes that `encodeLabelMap` writes for a map of that shape: a longer file is no label map of it. */
export function mostLabelMapBytes(shape: Vec3): number {
  return MOST_HEAD_BYTES + MOST_BYTES_PER_VOXEL * shape[0] * shape[1] * shape[2];
}

/** Waits so that others have their turn. */
type Pause = () => Promise<void>;

/** So many voxels go between two pauses: they take some milliseconds where every one differs from the next. */
const PIECE_VOXELS = 2 ** 20;
/** So many runs go between two pauses: they take some milliseconds. */
const PIECE_RUNS = 2 ** 16;

/**
 * Writes a label map as bytes, for messages between processes and for proposals on disk:
 *
 *     "VLLM"  version (1)  nx  ny  nz  { label  length }...
 *
 * Numbers are LEB128 (see `ByteWriter`); the runs cover the volume in linear order (i fastest), each as long as it can
 * be, so equal maps have equal bytes.
 */
export function encodeLabelMap(map: ReadonlyLabelMap): Uint8Array<ArrayBuffer> {
  return atOnce(encoding(map));
}

/**
 * Does what `encodeLabelMap` does for a thread that has other things to do: it waits for `pause` now and then.
 * @param map must stay as it is meanwhile (a clone costs little)
 */
export function encodeLabelMapInPieces(map: ReadonlyLabelMap, pause: Pause): Promise<Uint8Array<ArrayBuffer>> {
  return inPieces(encoding(map), pause);
}

/**
 * Reads what `encodeLabelMap` wrote. Memory grows with the runs that are really there, never with a claimed size.
 * @param expectedShape refuse any other; without it any shape that a label map can have is taken
 * @param labels how many the table has that the map belongs to: refuse labels outside it
 * @throws LabelMapFormatError
 */
export function decodeLabelMap(bytes: Uint8Array, expectedShape?: Vec3, labels?: number): LabelMap {
  return atOnce(decoding(bytes, expectedShape, labels));
}

/**
 * Does what `decodeLabelMap` does for a thread that has other things to do, as `encodeLabelMapInPieces`.
 * @throws LabelMapFormatError
 */
export function decodeLabelMapInPieces(
  bytes: Uint8Array,
  expectedShape: Vec3 | undefined,
  pause: Pause,
  labels?: number,
): Promise<LabelMap> {
  return inPieces(decoding(bytes, expectedShape, labels), pause);
}

/** Work that can be interrupted wherever it yields. */
type Work<Result> = Generator<void, Result, void>;

function atOnce<Result>(work: Work<Result>): Result {
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
  }
}

async function inPieces<Result>(work: Work<Result>, pause: Pause): Promise<Result> {
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
    await pause();
  }
}

function* encoding(map: ReadonlyLabelMap): Work<Uint8Array<ArrayBuffer>> {
  const writer = new ByteWriter();
  writer.magic(MAGIC);
  writer.byte(VERSION);
  for (const n of map.shape) writer.varint(n);
  // A run goes on from one piece to the next.
  const runs = new RunLengths(writer);
  for (let start = 0; start < map.voxelCount; start += PIECE_VOXELS) {
    if (start > 0) yield;
    map.forEachRun(start, Math.min(PIECE_VOXELS, map.voxelCount - start), (label, _start, length) =>
      runs.add(label, length),
    );
  }
  runs.finish();
  return writer.finish();
}

function* decoding(bytes: Uint8Array, expectedShape?: Vec3, labels = MAX_LABEL + 1): Work<LabelMap> {
  try {
    const reader = new ByteReader(bytes);
    reader.magic(MAGIC);
    const version = reader.byte();
    if (version !== VERSION) throw new MalformedBytesError(`its version is ${version}, not ${VERSION}`);
    const shape: Vec3 = [reader.varint(), reader.varint(), reader.varint()];
    if (expectedShape && shape.some((n, axis) => n !== expectedShape[axis])) {
      throw new MalformedBytesError(`it is ${shape.join(' x ')} voxels, not ${expectedShape.join(' x ')}`);
    }
    const map = new LabelMap(shape);
    let at = 0;
    for (let run = 1; at < map.voxelCount; run++) {
      if (run % PIECE_RUNS === 0) yield;
      const label = reader.varint();
      const length = reader.varint();
      if (label > MAX_LABEL) throw new MalformedBytesError('a label is out of range');
      if (label >= labels) throw new MalformedBytesError(`it holds label ${label}, and its table has ${labels}`);
      if (length < 1 || length > map.voxelCount - at) throw new MalformedBytesError('a run leaves the volume');
      map.fill(at, length, label);
      at += length;
    }
    reader.end();
    return map;
  } catch (cause) {
    if (cause instanceof MalformedBytesError || cause instanceof VoxelLoopError) {
      throw new LabelMapFormatError(cause.message, { cause });
    }
    throw cause;
  }
}
