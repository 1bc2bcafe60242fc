import { ByteReader, MalformedBytesError } from '../binary/byte-reader.ts';
import { ByteWriter } from '../binary/byte-writer.ts';
import { VoxelLoopError } from '../errors.ts';
import type { Vec3 } from '../geometry/vector.ts';
import { MAX_LABEL } from './label-edit.ts';
import { LabelMap, type ReadonlyLabelMap } from './label-map.ts';
import { LabelMapFormatError } from './label-map-errors.ts';

const MAGIC = 'VLLM';
const VERSION = 1;

/**
 * A label map as bytes, for messages between processes and for proposals on disk:
 *
 *     "VLLM"  version (1)  nx  ny  nz  { label  length }...
 *
 * Numbers are LEB128 (see `ByteWriter`); the runs cover the volume in linear order (i fastest), each as long as it can
 * be, so equal maps have equal bytes.
 */
export function encodeLabelMap(map: ReadonlyLabelMap): Uint8Array<ArrayBuffer> {
  const writer = new ByteWriter();
  writer.magic(MAGIC);
  writer.byte(VERSION);
  for (const n of map.shape) writer.varint(n);
  map.forEachRun(0, map.voxelCount, (label, _start, length) => {
    writer.varint(label);
    writer.varint(length);
  });
  return writer.finish();
}

/**
 * What `encodeLabelMap` wrote. Memory grows with the runs that are really there, never with a claimed size.
 * @param expectedShape refuse any other; without it any shape that a label map can have is taken
 * @throws LabelMapFormatError
 */
export function decodeLabelMap(bytes: Uint8Array, expectedShape?: Vec3): LabelMap {
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
    while (at < map.voxelCount) {
      const label = reader.varint();
      const length = reader.varint();
      if (label > MAX_LABEL) throw new MalformedBytesError('a label is out of range');
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
