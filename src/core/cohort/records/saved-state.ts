import * as v from 'valibot';
import { ByteReader, MalformedBytesError } from '../../binary/byte-reader.ts';
import { ByteWriter } from '../../binary/byte-writer.ts';
import { readJson, writeJson } from '../../binary/json-bytes.ts';
import { CaseDocument } from '../../case/document/case-document.ts';
import { EditsFormatError } from '../../case/document/edits-codec.ts';
import { VoxelLoopError } from '../../errors.ts';
import type { PlaneName, SlicePlane } from '../../geometry/slice-plane.ts';
import type { Vec3 } from '../../geometry/vector.ts';
import type { ReadonlyLabelMap } from '../../label/label-map.ts';
import { decodeLabelMap, encodeLabelMap } from '../../label/label-map-codec.ts';
import { checkLabelTable, type LabelTable, sameLabelTable } from '../../label/table/label-table.ts';
import { labelTable } from '../../label/table/label-table-schema.ts';
import { type CaseRecord, parseCaseRecord, serializeCaseRecord } from './case-record.ts';
import { caseRecordOf, restoreReview } from './document-record.ts';

const MAGIC = 'VLST';
const VERSION = 1;

const head = v.strictObject({
  table: labelTable,
  record: v.string(),
  arrival: v.picklist(['as-saved', 'imported', 'changed-outside']),
});

/** How the labels came to be what they were when they were read. */
export type Arrival = v.InferOutput<typeof head>['arrival'];

/** A case as it was read or saved last: all unsaved edits start from it. */
export interface SavedState {
  readonly labels: ReadonlyLabelMap;
  readonly table: LabelTable;
  readonly record: CaseRecord;
  readonly arrival: Arrival;
}

/**
 * Writes a saved state as bytes, for backups of unsaved work whose label file may be gone when they are needed:
 *
 *     "VLST"  version (1)  json({table, record, arrival})  encodeLabelMap(...)
 */
export function encodeSavedState({ labels, table, record, arrival }: SavedState): Uint8Array<ArrayBuffer> {
  const writer = new ByteWriter();
  writer.magic(MAGIC);
  writer.byte(VERSION);
  writeJson(writer, { table, record: serializeCaseRecord(record), arrival });
  writer.bytes(encodeLabelMap(labels));
  return writer.finish();
}

/**
 * Reads what `encodeSavedState` wrote.
 * @throws EditsFormatError
 * @throws CaseRecordError
 */
export function decodeSavedState(bytes: Uint8Array, shape: Vec3): SavedState {
  try {
    const reader = new ByteReader(bytes);
    reader.magic(MAGIC);
    const version = reader.byte();
    if (version !== VERSION) throw new MalformedBytesError(`its version is ${version}, not ${VERSION}`);
    const { table, record, arrival } = readJson(reader, head);
    checkLabelTable(table);
    const labels = decodeLabelMap(reader.bytes(reader.remaining), shape, table.length);
    return { labels, table, record: parseCaseRecord(record), arrival };
  } catch (cause) {
    if (cause instanceof MalformedBytesError || cause instanceof VoxelLoopError) {
      throw new EditsFormatError(cause.message, { cause });
    }
    throw cause;
  }
}

/**
 * Makes a document that starts from `state`.
 * @throws CaseRecordError if it counts other slices than the volume has
 */
export function documentOfState(
  { labels, table, record }: SavedState,
  planes: Readonly<Record<PlaneName, SlicePlane>>,
): CaseDocument {
  return new CaseDocument({ planes, labels: labels.clone(), table, ...restoreReview(record, planes) });
}

/**
 * Says whether a save of one document would write what a save of the other writes. Labels that only `b` knows do not
 * count, and neither does who has looked at what.
 */
export function sameCase(a: CaseDocument, b: CaseDocument): boolean {
  return (
    sameLabelTable(a.table, b.table.slice(0, a.table.length)) &&
    recordWithoutLooks(a) === recordWithoutLooks(b) &&
    sameBytes(encodeLabelMap(a.labels), encodeLabelMap(b.labels))
  );
}

function recordWithoutLooks(document: CaseDocument): string {
  const { version: _version, looks: _looks, ...record } = caseRecordOf(document, null);
  return serializeCaseRecord({ version: 1, ...record });
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, n) => byte === b[n]);
}
