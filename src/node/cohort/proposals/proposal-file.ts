import type { FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import * as v from 'valibot';
import { count } from '../../../core/basic-schemas.ts';
import { ByteReader, MalformedBytesError } from '../../../core/binary/byte-reader.ts';
import { ByteWriter } from '../../../core/binary/byte-writer.ts';
import { MOST_SLICES } from '../../../core/case/state/slice-ranges.ts';
import { VoxelLoopError } from '../../../core/errors.ts';
import type { Vec3 } from '../../../core/geometry/vector.ts';
import { type LabelMap, MAX_VOXELS } from '../../../core/label/label-map.ts';
import { decodeLabelMapInPieces, encodeLabelMap, mostLabelMapBytes } from '../../../core/label/label-map-codec.ts';
import { checkLabelTable } from '../../../core/label/table/label-table.ts';
import { labelTable } from '../../../core/label/table/label-table-schema.ts';
import { MOST_COMPONENTS } from '../../../core/learn/prediction/predicted-components.ts';
import { predictedComponent } from '../../../core/protocol/engine/predict.ts';
import { discardPrepared } from '../../files/atomic-save.ts';
import { fileAccessError } from '../../files/file-access-error.ts';
import { GuardedFolder } from '../../files/guarded-folder.ts';
import { isMissing } from '../../files/missing-file.ts';
import { isPlainName } from '../../files/plain-name.ts';
import { openRegularFile } from '../../files/regular-file.ts';
import { InflateLimitError, inflateFirst, inflateSmall, inflateWithin } from '../../volumes/stored/inflate.ts';

/** A proposal file cannot be read. It can be removed, because the model predicts it again. */
export class ProposalFileError extends VoxelLoopError {
  readonly code = 'proposal-file';
}

const share = v.pipe(v.number(), v.minValue(0), v.maxValue(1));

/** The facts that are known of a proposal beside its voxels. */
export const proposalFacts = v.object({
  /** The id is unique among all proposals of a case; it is the file's name without its ending. */
  id: v.pipe(v.string(), v.check(isPlainName, 'The id is no name of a file.')),
  /** The version is 0 where the model is no version of a cohort. */
  modelVersion: count,
  /** The user reads this name, for instance "model 3". */
  modelName: v.string(),
  engineName: v.string(),
  /** ISO 8601, UTC. */
  created: v.pipe(v.string(), v.isoTimestamp()),
  image: v.object({
    /** There is one fingerprint for the file of each channel (`volumeFingerprint`). */
    fingerprints: v.array(v.string()),
    timeIndex: count,
    shape: v.tuple([count, count, count]),
  }),
  /** The proposal was predicted, and is to be reviewed, along this voxel axis. */
  reviewAxis: v.picklist([0, 1, 2]),
  /** The `SliceSignals` of each slice along the review axis. Files of version 2 tell the uncertainty alone. */
  uncertainty: v.array(v.number()),
  disagreement: v.optional(v.nullable(v.array(share)), null),
  distance: v.optional(v.nullable(v.array(v.pipe(v.number(), v.minValue(0)))), null),
  areaMm2: v.optional(v.nullable(v.array(v.pipe(v.number(), v.minValue(0)))), null),
  /** The connected pieces (see `predictedComponents`); their labels are indices of `labels`. */
  components: v.pipe(v.array(predictedComponent), v.maxLength(MOST_COMPONENTS)),
  /**
   * The labels of the map have their meaning in this table, which is the MODEL's: the order of a case's own table may
   * differ.
   */
  labels: labelTable,
});
export type ProposalFacts = v.InferOutput<typeof proposalFacts>;

type LaterSignals = 'disagreement' | 'distance' | 'areaMm2';
/** Facts that are not known may be left out. */
type NewFacts = Omit<ProposalFacts, LaterSignals> & Partial<Pick<ProposalFacts, LaterSignals>>;

/** A proposal as it was read from its file. */
export interface ProposalFile {
  readonly facts: ProposalFacts;
  /** The map lies on the image's grid and holds indices of `facts.labels`. */
  readonly labelMap: LabelMap;
}

/** Proposal files have this ending. */
export const PROPOSAL_ENDING = '.vlp';

const MAGIC = 'VLPR';
const VERSION = 3;
/** In files up to this version everything was one gzip stream, and the facts were not compressed by themselves. */
const VERSION_IN_ONE = 2;
const GZIP_MAGIC = [0x1f, 0x8b] as const;
/** So many bytes are read first, because the facts of nearly all proposals fit into them. */
const HEAD_BYTES = 16 * 1024;
const compress = promisify(gzip);
/**
 * The most bytes that facts may have before they are compressed: a thousand components and four signals of 32,767
 * slices (the most that NIfTI-1 holds) take half of it. They are read when cases are merely listed, so a longer text
 * must not be inflated.
 */
const MOST_FACTS_BYTES = 8 << 20;
/** Facts up to this size are inflated on the caller's thread, which takes a fraction of a millisecond. */
const SMALL_FACTS_BYTES = 256 << 10;

/**
 * Writes a proposal:
 *
 *     "VLPR"  version (3)  length of what follows (LEB128)  facts (JSON, UTF-8; gzip)  label map (`encodeLabelMap`; gzip)
 *
 * The file appears whole or not at all. A file that is there is never replaced: proposals are immutable.
 *
 * @param files the folder that `path` must not lead out of; absent: the user chose the folder that the file is in
 * @returns false if the file was there already
 * @throws UnsafePathError, FileAccessError
 */
export async function writeProposalFile(
  path: string,
  { facts, labelMap }: { readonly facts: NewFacts; readonly labelMap: LabelMap },
  files = new GuardedFolder(dirname(path)),
): Promise<boolean> {
  const writer = new ByteWriter();
  writer.magic(MAGIC);
  writer.byte(VERSION);
  const text = new TextEncoder().encode(JSON.stringify(facts));
  if (text.length > MOST_FACTS_BYTES) {
    throw new ProposalFileError(
      `The proposal ${path} has too many slices or structures to be kept. Predict into a file.`,
    );
  }
  const json = await compress(text);
  writer.varint(json.length);
  writer.bytes(json);
  writer.bytes(await compress(encodeLabelMap(labelMap)));
  await files.makeFolder(dirname(path));
  const prepared = await files.prepare(path, async (handle) => {
    await handle.writeFile(writer.finish());
  });
  try {
    return await files.putIfFree(prepared);
  } catch (error) {
    throw error instanceof Error && 'syscall' in error ? fileAccessError('write', path, error) : error;
  } finally {
    await discardPrepared(prepared);
  }
}

/**
 * A proposal of whose voxels nothing but the size was checked: a thread that reads it hands it to one that shows it.
 */
export interface PackedProposal {
  readonly facts: ProposalFacts;
  /** These bytes are what `encodeLabelMap` writes, or, in a damaged file, anything else of no more bytes. */
  readonly labels: Uint8Array<ArrayBuffer>;
}

/**
 * Reads a proposal for an image of that shape. A busy thread should leave it to another one and call `unpackProposal`.
 *
 * @returns null if there is no such file
 * @throws ProposalFileError, FileAccessError
 */
export async function readPackedProposal(path: string, shape: Vec3): Promise<PackedProposal | null> {
  const handle = await unlessMissing(path, openRegularFile(path));
  if (handle === null) return null;
  try {
    return await orDamaged(path, async () => {
      const mostVoxelBytes = mostLabelMapBytes(shape);
      const { size } = await handle.stat();
      if (size > mostPackedBytes(MOST_FACTS_BYTES + mostVoxelBytes)) throw new MalformedBytesError('it is too long');
      const bytes = await readFrom(handle, 0, size);
      const isInOne = startsAsGzip(bytes);
      const reader = new ByteReader(isInOne ? await inflateWithin(bytes, MOST_FACTS_BYTES + mostVoxelBytes) : bytes);
      readVersion(reader, isInOne ? VERSION_IN_ONE : VERSION);
      const json = reader.bytes(reader.varint());
      const facts = parseFacts(isInOne ? json : await inflateWithin(json, MOST_FACTS_BYTES));
      if (facts.image.shape.some((extent, axis) => extent !== shape[axis])) {
        const [has, wanted] = [facts.image.shape, shape].map((each) => each.join(' x '));
        throw new ProposalFileError(
          `The proposal ${path} is of an image of ${has} voxels, and this one has ${wanted}: predict again.`,
        );
      }
      const packed = reader.bytes(reader.remaining);
      return { facts, labels: isInOne ? packed.slice() : await inflateWithin(packed, mostVoxelBytes) };
    });
  } finally {
    await handle.close();
  }
}

/** @param path the file's name in the error's message @throws ProposalFileError */
export function unpackProposal(path: string, { facts, labels }: PackedProposal): Promise<ProposalFile> {
  return orDamaged(path, async () => ({
    facts,
    labelMap: await decodeLabelMapInPieces(labels, facts.image.shape, setImmediate, facts.labels.length),
  }));
}

/**
 * Reads a proposal for an image of that shape, on the caller's thread.
 *
 * @returns null if there is no such file
 * @throws ProposalFileError, FileAccessError
 */
export async function readProposalFile(path: string, shape: Vec3): Promise<ProposalFile | null> {
  const packed = await readPackedProposal(path, shape);
  return packed && unpackProposal(path, packed);
}

/**
 * Reads the facts of a proposal alone: a few kilobytes from the front of the file, whatever the size of the volume. Its
 * voxels may still be damaged.
 *
 * @returns null if there is no such file
 * @throws ProposalFileError, FileAccessError
 */
export async function readProposalFacts(path: string): Promise<ProposalFacts | null> {
  const handle = await unlessMissing(path, openRegularFile(path));
  if (handle === null) return null;
  try {
    const head = await readFrom(handle, 0, HEAD_BYTES);
    return await orDamaged(path, async () => {
      if (startsAsGzip(head)) return factsInOne(await readFrom(handle, 0, mostPackedBytes(MOST_FACTS_BYTES)));
      const reader = new ByteReader(head);
      readVersion(reader, VERSION);
      const length = reader.varint();
      if (length > mostPackedBytes(MOST_FACTS_BYTES)) throw new MalformedBytesError('its description is too long');
      const start = head.length - reader.remaining;
      const json = length > reader.remaining ? await readFrom(handle, start, length) : reader.bytes(length);
      if (json.length < length) throw new MalformedBytesError('it ends too early');
      return parseFacts(await inflateFacts(json));
    });
  } finally {
    await handle.close();
  }
}

/**
 * Reads the facts of a file of version 2, whose voxels follow them in the same stream. @param start the beginning of
 * the file, compressed
 */
async function factsInOne(start: Uint8Array): Promise<ProposalFacts> {
  const head = new ByteReader(await inflateFirst(start, HEAD_BYTES));
  const all = head.remaining;
  readVersion(head, VERSION_IN_ONE);
  const length = head.varint();
  if (length > MOST_FACTS_BYTES) throw new MalformedBytesError('its description is too long');
  const before = all - head.remaining;
  if (length <= head.remaining) return parseFacts(head.bytes(length));
  return parseFacts(new ByteReader((await inflateFirst(start, before + length)).subarray(before)).bytes(length));
}

/** Facts are mostly a few kilobytes: asking another thread for so few takes longer, and cohorts have thousands. */
async function inflateFacts(json: Uint8Array): Promise<Uint8Array> {
  try {
    return inflateSmall(json, SMALL_FACTS_BYTES);
  } catch (error) {
    if (!(error instanceof InflateLimitError)) throw error;
    return inflateWithin(json, MOST_FACTS_BYTES);
  }
}

/** The most bytes that gzip makes of so many: what it cannot compress grows by 5 bytes a block (RFC 1951, 3.2.4). */
function mostPackedBytes(bytes: number): number {
  return bytes + 1024 + Math.ceil(bytes / 1024);
}

function startsAsGzip(bytes: Uint8Array): boolean {
  return bytes[0] === GZIP_MAGIC[0] && bytes[1] === GZIP_MAGIC[1];
}

function readVersion(reader: ByteReader, version: number): void {
  reader.magic(MAGIC);
  if (reader.byte() !== version) throw new MalformedBytesError('it is of another version');
}

function parseFacts(json: Uint8Array): ProposalFacts {
  const facts = v.parse(proposalFacts, JSON.parse(new TextDecoder().decode(json)));
  checkFacts(facts);
  return facts;
}

/** Checks what views and loops rely on: nothing reaches outside the image, and no label lies outside the table. */
function checkFacts({ image: { shape }, reviewAxis, components, labels, ...signals }: ProposalFacts): void {
  const voxels = shape[0] * shape[1] * shape[2];
  if (!(voxels >= 1 && voxels <= MAX_VOXELS && shape[reviewAxis] <= MOST_SLICES))
    throw new MalformedBytesError('its image has no size that an image can have');
  const { uncertainty, disagreement, distance, areaMm2 } = signals;
  for (const signal of [uncertainty, disagreement, distance, areaMm2]) {
    if (signal && signal.length !== shape[reviewAxis]) throw new MalformedBytesError('a signal has another length');
  }
  checkLabelTable(labels);
  for (const { label, min, max } of components) {
    if (!(label >= 1 && label < labels.length)) throw new MalformedBytesError('a structure has no label of the table');
    const lies = shape.every(
      (n, axis) =>
        [min, max].every((at) => Number.isInteger(at[axis])) &&
        0 <= min[axis] &&
        min[axis] < max[axis] &&
        max[axis] <= n,
    );
    if (!lies) throw new MalformedBytesError('a structure lies outside the image');
  }
}

/** Reads at most `length` bytes from `position` on; at the end of the file there are fewer. */
async function readFrom(handle: FileHandle, position: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await handle.read(bytes, filled, length - filled, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return bytes.subarray(0, filled);
}

async function unlessMissing<T>(path: string, reading: Promise<T>): Promise<T | null> {
  try {
    return await reading;
  } catch (error) {
    if (isMissing(error)) return null;
    throw fileAccessError('read', path, error);
  }
}

async function orDamaged<T>(path: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (cause) {
    if (cause instanceof ProposalFileError) throw cause;
    throw new ProposalFileError(`The proposal ${path} is damaged: remove it and predict again.`, { cause });
  }
}
