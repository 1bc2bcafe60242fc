import { ByteReader, MalformedBytesError } from '../binary/byte-reader.ts';
import { ByteWriter } from '../binary/byte-writer.ts';
import type { Vec3 } from '../geometry/vector.ts';
import { boxVoxels, type VoxelBox } from '../geometry/voxel-box.ts';
import { MAX_LABEL } from './label-edit.ts';
import type { ReadonlyLabelMap } from './label-map.ts';
import { LabelMapFormatError } from './label-map-errors.ts';
import { RunLengths } from './run-lengths.ts';

const MAGIC = 'VLLB';
const VERSION = 1;

/**
 * No answer holds more voxels than this, so that none is longer than about 8 MB, whatever the labels are, and none
 * keeps the thread that makes it for longer than some tens of milliseconds.
 */
export const MAX_BOX_VOXELS = 2 ** 22;

/** Says whether the box has voxels, all of them in a volume of `shape`, and not more than one answer holds. */
export function isBoxOf(shape: Vec3, box: VoxelBox): boolean {
  const isInside = [0, 1, 2].every((axis) => {
    const from = box.from[axis];
    const to = box.to[axis];
    return Number.isInteger(from) && Number.isInteger(to) && from >= 0 && from < to && to <= shape[axis];
  });
  return isInside && boxVoxels(box) <= MAX_BOX_VOXELS;
}

/**
 * Writes the labels in a box as bytes, for messages between processes:
 *
 *     "VLLB"  version (1)  { label  length }...
 *
 * Numbers are LEB128 (see `ByteWriter`); the runs cover the box in its own linear order (i fastest), each as long as it
 * can be. A box of one label takes some ten bytes.
 * @throws RangeError if the box leaves the map
 */
export function encodeLabelBox(
  map: Pick<ReadonlyLabelMap, 'shape' | 'forEachRun'>,
  box: VoxelBox,
): Uint8Array<ArrayBuffer> {
  const writer = new ByteWriter();
  writer.magic(MAGIC);
  writer.byte(VERSION);
  const runs = new RunLengths(writer);
  forEachStretch(map.shape, box, (start, length) => {
    map.forEachRun(start, length, (label, _start, runLength) => runs.add(label, runLength));
  });
  runs.finish();
  return writer.finish();
}

/** Writes what `encodeLabelBox` writes of a map that has no labels, without such a map. */
export function encodeEmptyLabelBox(box: VoxelBox): Uint8Array<ArrayBuffer> {
  const writer = new ByteWriter();
  writer.magic(MAGIC);
  writer.byte(VERSION);
  const runs = new RunLengths(writer);
  runs.add(0, boxVoxels(box));
  runs.finish();
  return writer.finish();
}

/**
 * Visits what `encodeLabelBox` wrote as runs of consecutive voxels of the whole volume, in ascending order. When it
 * throws, some runs may have been visited.
 * @param shape the volume's
 * @throws LabelMapFormatError
 */
export function decodeLabelBox(
  bytes: Uint8Array,
  shape: Vec3,
  box: VoxelBox,
  visit: (label: number, start: number, length: number) => void,
): void {
  try {
    const reader = new ByteReader(bytes);
    reader.magic(MAGIC);
    const version = reader.byte();
    if (version !== VERSION) throw new MalformedBytesError(`its version is ${version}, not ${VERSION}`);
    let left = boxVoxels(box);
    let label = 0;
    let length = 0;
    const nextRun = () => {
      label = reader.varint();
      length = reader.varint();
      if (label > MAX_LABEL) throw new MalformedBytesError('a label is out of range');
      if (length < 1 || length > left) throw new MalformedBytesError('a run leaves the box');
      left -= length;
    };
    forEachStretch(shape, box, (stretchStart, stretchLength) => {
      const end = stretchStart + stretchLength;
      for (let at = stretchStart; at < end; ) {
        if (length === 0) nextRun();
        const here = Math.min(length, end - at);
        visit(label, at, here);
        length -= here;
        at += here;
      }
    });
    reader.end();
  } catch (cause) {
    if (cause instanceof MalformedBytesError) throw new LabelMapFormatError(cause.message, { cause });
    throw cause;
  }
}

/** Visits the box as stretches of consecutive voxels of the volume, as long as they can be, in ascending order. */
function forEachStretch([nx, ny]: Vec3, { from, to }: VoxelBox, visit: (start: number, length: number) => void): void {
  const [width, height, depth] = [to[0] - from[0], to[1] - from[1], to[2] - from[2]];
  const start = from[0] + nx * (from[1] + ny * from[2]);
  if (width === nx && height === ny) {
    visit(start, width * height * depth);
    return;
  }
  for (let k = 0; k < depth; k++) {
    const plane = start + nx * ny * k;
    if (width === nx) visit(plane, width * height);
    else for (let j = 0; j < height; j++) visit(plane + nx * j, width);
  }
}
