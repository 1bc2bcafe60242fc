import { ByteReader, MalformedBytesError } from '../binary/byte-reader.ts';
import { ByteWriter } from '../binary/byte-writer.ts';
import { type LabelRun, MAX_LABEL } from './label-edit.ts';
import { InvalidLabelEditError } from './label-map-errors.ts';

const MAGIC = 'VLLR';
const VERSION = 1;

/**
 * Writes the runs of an edit as bytes, for messages and backups:
 *
 *     "VLLR"  version (1)  count  { gap  length  before  after }...
 *
 * Numbers are LEB128 (see `ByteWriter`); `gap` is the distance from the end of the run before (from 0 for the first),
 * so what is read back is ascending and disjoint by construction. A typical run takes 4 to 6 bytes.
 */
export function encodeLabelRuns(runs: readonly LabelRun[]): Uint8Array<ArrayBuffer> {
  const writer = new ByteWriter();
  writer.magic(MAGIC);
  writer.byte(VERSION);
  writer.varint(runs.length);
  let end = 0;
  for (const run of runs) {
    writer.varint(run.start - end);
    writer.varint(run.length);
    writer.varint(run.before);
    writer.varint(run.after);
    end = run.start + run.length;
  }
  return writer.finish();
}

/**
 * Reads what `encodeLabelRuns` wrote. Whether the runs fit a volume is for `LabelMap.applyEdit` to say.
 * @throws InvalidLabelEditError
 */
export function decodeLabelRuns(bytes: Uint8Array): LabelRun[] {
  try {
    const reader = new ByteReader(bytes);
    reader.magic(MAGIC);
    const version = reader.byte();
    if (version !== VERSION) throw new MalformedBytesError(`its version is ${version}, not ${VERSION}`);
    const count = reader.varint();
    const runs: LabelRun[] = [];
    let end = 0;
    for (let n = 0; n < count; n++) {
      const start = end + reader.varint();
      const run = { start, length: reader.varint(), before: reader.varint(), after: reader.varint() };
      end = start + run.length;
      if (run.length < 1 || !Number.isSafeInteger(end)) throw new MalformedBytesError('a run is not a range of voxels');
      if (run.before > MAX_LABEL || run.after > MAX_LABEL) throw new MalformedBytesError('a label is out of range');
      if (run.before === run.after) throw new MalformedBytesError('a run changes nothing');
      runs.push(run);
    }
    reader.end();
    return runs;
  } catch (cause) {
    if (cause instanceof MalformedBytesError) throw new InvalidLabelEditError(cause.message, { cause });
    throw cause;
  }
}
