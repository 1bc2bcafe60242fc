import type { FileHandle } from 'node:fs/promises';
import { basename } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { type CancelSignal, throwIfCancelled } from '../../../core/cancel.ts';
import { isVolumeName, isWritableName } from '../../../core/cohort/files/names/file-names.ts';
import { OWN_FORMAT } from '../../../core/formats/registry.ts';
import type { LabelMap } from '../../../core/label/label-map.ts';
import { LabelMapShapeError } from '../../../core/label/label-map-errors.ts';
import { type LabelTable, LabelTableError } from '../../../core/label/table/label-table.ts';
import { VolumeFileError } from '../../../core/volume/volume-file-error.ts';
import type { VolumeHeader } from '../../../core/volume/volume-header.ts';
import type { VoxelType } from '../../../core/volume/voxel-type.ts';
import { type PreparedFile, prepareFile, putInPlace } from '../../files/atomic-save.ts';
import { predictionMark } from './prediction-mark.ts';

/** So many voxels are converted and compressed at a time. */
const BLOCK = 1 << 18;

export interface LabelVolumeContent {
  /** The header of the image that the labels belong to; its geometry is copied exactly. */
  readonly image: VolumeHeader;
  readonly labelMap: LabelMap;
  /** The file values by label. */
  readonly table: LabelTable;
  /**
   * True for a prediction that nobody has looked at: the file says so, and can be told from one that was changed since.
   */
  readonly isPrediction?: boolean;
}

/**
 * Writes a label file, atomically (see `saveAtomically`), compressed if `path` ends in `.gz`. It uses the smallest
 * datatype that holds the values that occur in this label map, whatever else its table names: the table is the
 * cohort's, and one case with large values must not make the files of all others unreadable. Equal contents give equal
 * bytes.
 * @throws VolumeFileError if the name is that of another format, because the file would not hold what it says
 * @throws LabelMapShapeError, LabelTableError, FileAccessError, CancelledError (the old file is then untouched)
 */
export async function writeLabelVolume(
  path: string,
  content: LabelVolumeContent,
  signal?: CancelSignal,
): Promise<void> {
  await putInPlace(await prepareLabelVolume(path, content, signal));
}

/** Does what `writeLabelVolume` does, but does not give the file its name yet: `path` is as it was. */
export async function prepareLabelVolume(
  path: string,
  content: LabelVolumeContent,
  signal?: CancelSignal,
): Promise<PreparedFile> {
  const { image, labelMap, table } = content;
  const expected = image.grid.shape;
  if (expected.some((extent, axis) => extent !== labelMap.shape[axis])) {
    throw new LabelMapShapeError(
      `The labels have ${labelMap.shape.join(' x ')} voxels and their image has ${expected.join(' x ')}. Open the image again.`,
    );
  }
  if (labelMap.highestLabel >= table.length) {
    throw new LabelTableError(
      `Label ${labelMap.highestLabel} is drawn but the table names only ${table.length}. Add it to the table first.`,
    );
  }
  if (isVolumeName(basename(path)) && !isWritableName(basename(path))) {
    throw new VolumeFileError(
      'volume-unsupported',
      `${basename(path)} is not written, because label maps are saved as NIfTI. Choose a name that ends in .nii.gz.`,
    );
  }
  const compressed = path.toLowerCase().endsWith('.gz');
  return prepareFile(path, async (handle) => {
    const source = Readable.from(labelFileBytes(content, signal), { highWaterMark: 2 });
    const write = (chunks: AsyncIterable<Uint8Array>) => writeAll(handle, chunks);
    await (compressed ? pipeline(source, createGzip({ chunkSize: 1 << 18 }), write) : pipeline(source, write));
  });
}

async function writeAll(handle: FileHandle, chunks: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const chunk of chunks) {
    for (let done = 0; done < chunk.length; ) {
      done += (await handle.write(chunk, done, chunk.length - done)).bytesWritten;
    }
  }
}

function* labelFileBytes(content: LabelVolumeContent, signal: CancelSignal | undefined): Generator<Uint8Array> {
  const used = content.table.filter((_, label) => content.labelMap.count(label) > 0);
  const datatype = OWN_FORMAT.writing.labelDatatype(used.map(({ value }) => value));
  const mark = content.isPrediction ? predictionMark(voxelBytes(content, datatype, signal)) : undefined;
  yield OWN_FORMAT.writing.labelHeader(content.image, datatype, mark);
  yield* voxelBytes(content, datatype, signal);
}

function* voxelBytes(
  { labelMap, table }: LabelVolumeContent,
  datatype: VoxelType,
  signal: CancelSignal | undefined,
): Generator<Uint8Array> {
  const values = table.map((entry) => entry.value);
  const labels = new Uint16Array(Math.min(BLOCK, labelMap.voxelCount));
  for (let start = 0; start < labelMap.voxelCount; start += BLOCK) {
    throwIfCancelled(signal);
    const count = Math.min(BLOCK, labelMap.voxelCount - start);
    labelMap.readInto(start, count, labels);
    yield encodeValues(datatype, values, labels.subarray(0, count));
  }
}

/** The file values of `labels` as little-endian bytes. */
function encodeValues(datatype: VoxelType, values: readonly number[], labels: Uint16Array): Uint8Array {
  if (datatype.encoding === 'i64') {
    const wide = BigInt64Array.from(values, BigInt);
    const encoded = new BigInt64Array(labels.length);
    for (let n = 0; n < labels.length; n++) encoded[n] = wide[labels[n]];
    return new Uint8Array(encoded.buffer);
  }
  const encoded = integerArray(datatype, labels.length);
  for (let n = 0; n < labels.length; n++) encoded[n] = values[labels[n]];
  return new Uint8Array(encoded.buffer);
}

function integerArray(datatype: VoxelType, length: number) {
  switch (datatype.encoding) {
    case 'u8':
      return new Uint8Array(length);
    case 'i16':
      return new Int16Array(length);
    case 'u16':
      return new Uint16Array(length);
    case 'u32':
      return new Uint32Array(length);
    default:
      return new Int32Array(length);
  }
}
