import * as v from 'valibot';
import { ByteReader, EndsTooEarlyError, MalformedBytesError } from '../../binary/byte-reader.ts';
import { ByteWriter } from '../../binary/byte-writer.ts';
import { readJson, writeJson } from '../../binary/json-bytes.ts';
import { VoxelLoopError } from '../../errors.ts';
import { decodeLabelRuns, encodeLabelRuns } from '../../label/label-runs-codec.ts';
import { checkLabelTable } from '../../label/table/label-table.ts';
import { labelTable } from '../../label/table/label-table-schema.ts';
import { sliceProvenance } from '../state/slice-provenance-schema.ts';
import type { CaseDocument } from './case-document.ts';
import { type DocumentEdit, invertDocumentEdit } from './document-edit.ts';
import { componentTransition, proposalTransition, reviewTransition } from './document-schemas.ts';

const MAGIC = 'VLED';
const VERSION = 1;

/** A backup of unsaved edits cannot be read: it is damaged, foreign, or of another version. */
export class EditsFormatError extends VoxelLoopError {
  readonly code = 'edits-format';

  constructor(reason: string, options?: { cause?: unknown }) {
    super(
      `The unsaved changes cannot be restored: their backup is damaged (${reason}). The saved file is untouched.`,
      options,
    );
  }
}

/** Edits, with the state that they start from. */
export interface EditsBackup {
  /** Says which saved state the edits were made on, for example by the label file's SHA-256. Any text will do. */
  readonly baseFingerprint: string;
  readonly edits: readonly DocumentEdit[];
  /** Active seconds by slice that no save has counted yet (see `SliceFigures`); absent where there are none. */
  readonly seconds?: readonly SliceSeconds[];
}
type SliceSeconds = readonly [slice: number, seconds: number];

const index = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const head = v.strictObject({
  baseFingerprint: v.string(),
  seconds: v.exactOptional(v.array(v.strictTuple([index, v.pipe(v.number(), v.minValue(0))]))),
});
const editHead = v.strictObject({
  title: v.string(),
  review: v.array(reviewTransition),
  provenance: v.array(v.strictObject({ slice: index, before: sliceProvenance, after: sliceProvenance })),
  proposal: v.array(proposalTransition),
  components: v.exactOptional(v.array(componentTransition)),
  table: v.optional(v.strictObject({ before: labelTable, after: labelTable })),
});

/**
 * Writes edits as bytes, for backups:
 *
 *     "VLED"  version (1)  json(head)  { json(edit without runs)  length  encodeLabelRuns(...) }...
 *
 * Numbers are LEB128 (see `ByteWriter`); json(...) is the length and then ASCII JSON, other characters escaped. Further
 * edits may be appended to such a file: `encodeEdits` is `encodeEditsHead` and then `encodeEdit` of each. A program
 * that is killed while it appends leaves a part of an edit at the end, which `decodeEditsThatGrew` leaves out.
 */
export function encodeEdits(backup: EditsBackup): Uint8Array<ArrayBuffer> {
  const writer = new ByteWriter();
  writer.bytes(encodeEditsHead(backup.baseFingerprint, backup.seconds));
  for (const edit of backup.edits) writer.bytes(encodeEdit(edit));
  return writer.finish();
}

export function encodeEditsHead(
  baseFingerprint: string,
  seconds: readonly SliceSeconds[] = [],
): Uint8Array<ArrayBuffer> {
  const writer = new ByteWriter();
  writer.magic(MAGIC);
  writer.byte(VERSION);
  writeJson(writer, { baseFingerprint, ...(seconds.length > 0 && { seconds }) });
  return writer.finish();
}

export function encodeEdit(edit: DocumentEdit): Uint8Array<ArrayBuffer> {
  const { labels, ...rest } = edit;
  const writer = new ByteWriter();
  writeJson(writer, rest);
  const runs = encodeLabelRuns(labels.runs);
  writer.varint(runs.length);
  writer.bytes(runs);
  return writer.finish();
}

/**
 * Reads what `encodeEdits` wrote. Whether the edits fit a document is for `replayEdits` to say.
 * @throws EditsFormatError
 */
export function decodeEdits(bytes: Uint8Array): EditsBackup {
  return decode(bytes, false);
}

/**
 * Does what `decodeEdits` does for a file to which edits were appended. An edit that ends in the middle was being
 * appended when the program died, and nobody was told that it is kept: it is left out.
 * @throws EditsFormatError
 */
export function decodeEditsThatGrew(bytes: Uint8Array): EditsBackup {
  return decode(bytes, true);
}

function decode(bytes: Uint8Array, mayBeCutOff: boolean): EditsBackup {
  try {
    const reader = new ByteReader(bytes);
    reader.magic(MAGIC);
    const version = reader.byte();
    if (version !== VERSION) throw new MalformedBytesError(`its version is ${version}, not ${VERSION}`);
    const { baseFingerprint, seconds } = readJson(reader, head);
    const edits: DocumentEdit[] = [];
    while (reader.remaining > 0) {
      try {
        edits.push(readEdit(reader));
      } catch (error) {
        if (mayBeCutOff && error instanceof EndsTooEarlyError) break;
        throw error;
      }
    }
    return { baseFingerprint, edits, ...(seconds && { seconds }) };
  } catch (cause) {
    if (cause instanceof MalformedBytesError || cause instanceof VoxelLoopError) {
      throw new EditsFormatError(cause.message, { cause });
    }
    throw cause;
  }
}

function readEdit(reader: ByteReader): DocumentEdit {
  const { table, ...rest } = readJson(reader, editHead);
  const runs = reader.bytes(reader.varint());
  if (table) {
    checkLabelTable(table.before);
    checkLabelTable(table.after);
  }
  return { ...rest, labels: { runs: decodeLabelRuns(runs) }, ...(table && { table }) };
}

/**
 * Applies edits in order, all or none. When it throws, the labels are as before.
 * @throws what `CaseDocument.apply` throws for an edit that does not fit
 */
export function replayEdits(document: CaseDocument, edits: readonly DocumentEdit[]): void {
  const done: DocumentEdit[] = [];
  try {
    for (const edit of edits) {
      document.apply(edit);
      done.push(edit);
    }
  } catch (error) {
    for (const edit of done.reverse()) document.apply(invertDocumentEdit(edit));
    throw error;
  }
}
