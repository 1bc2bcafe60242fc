import { randomUUID } from 'node:crypto';
import { type FileHandle, link, mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { promisify } from 'node:util';
import { gunzip, gunzipSync, gzip } from 'node:zlib';
import * as v from 'valibot';
import { ByteReader, MalformedBytesError } from '../core/binary/byte-reader.ts';
import { ByteWriter } from '../core/binary/byte-writer.ts';
import { VoxelLoopError } from '../core/errors.ts';
import type { LabelMap } from '../core/label/label-map.ts';
import { decodeLabelMapInPieces, encodeLabelMap } from '../core/label/label-map-codec.ts';
import { predictedComponent } from '../core/protocol/engine-contract.ts';
import { count, labelTable } from '../core/protocol/schemas.ts';
import { fileAccessError } from './file-access-error.ts';
import { isMissing } from './missing-file.ts';

/** A proposal file that cannot be read. It can be removed: the model predicts it again. */
export class ProposalFileError extends VoxelLoopError {
  readonly code = 'proposal-file';
}

const share = v.pipe(v.number(), v.minValue(0), v.maxValue(1));

/** What is known of a proposal beside its voxels. */
export const proposalFacts = v.object({
  /** Unique among all proposals of a case; the file's name without its ending. */
  id: v.string(),
  /** 0 where the model is no version of a cohort. */
  modelVersion: count,
  /** What the user reads: "model 3". */
  modelName: v.string(),
  engineName: v.string(),
  /** ISO 8601, UTC. */
  created: v.pipe(v.string(), v.isoTimestamp()),
  image: v.object({
    /** Of each channel's file (`fileFingerprint`). */
    fingerprints: v.array(v.string()),
    timeIndex: count,
    shape: v.tuple([count, count, count]),
  }),
  /** Voxel axis along which it was predicted and is to be reviewed. */
  reviewAxis: v.picklist([0, 1, 2]),
  /** `SliceSignals` by slice along the review axis. Files of version 2 tell the uncertainty alone. */
  uncertainty: v.array(v.number()),
  disagreement: v.optional(v.nullable(v.array(share)), null),
  distance: v.optional(v.nullable(v.array(v.pipe(v.number(), v.minValue(0)))), null),
  areaMm2: v.optional(v.nullable(v.array(v.pipe(v.number(), v.minValue(0)))), null),
  /** Its pieces (see `predictedComponents`), labels as in `labels`. */
  components: v.array(predictedComponent),
  /** What the labels of the map mean: the MODEL's table, whose order a case's own table need not share. */
  labels: labelTable,
});
export type ProposalFacts = v.InferOutput<typeof proposalFacts>;

type LaterSignals = 'disagreement' | 'distance' | 'areaMm2';
/** What is not known may be left out. */
type NewFacts = Omit<ProposalFacts, LaterSignals> & Partial<Pick<ProposalFacts, LaterSignals>>;

/** A proposal as it is read. */
export interface ProposalFile {
  readonly facts: ProposalFacts;
  /** On the image's grid, in indices of `facts.labels`. */
  readonly labelMap: LabelMap;
}

/** Ending of proposal files. */
export const PROPOSAL_ENDING = '.vlp';

const MAGIC = 'VLPR';
const VERSION = 3;
/** The last version that was one gzip stream over everything, facts not compressed by themselves. */
const VERSION_IN_ONE = 2;
const GZIP_MAGIC = [0x1f, 0x8b] as const;
/** Read first: the facts of nearly all proposals are smaller. */
const HEAD_BYTES = 16 * 1024;
const compress = promisify(gzip);
const inflate = promisify(gunzip);

/**
 * Writes a proposal:
 *
 *     "VLPR"  version (3)  length of what follows (LEB128)  facts (JSON, UTF-8; gzip)  label map (`encodeLabelMap`; gzip)
 *
 * The file appears whole or not at all. A file that is there is never replaced: proposals are immutable.
 *
 * @returns false if the file was there already
 * @throws FileAccessError
 */
export async function writeProposalFile(
  path: string,
  { facts, labelMap }: { readonly facts: NewFacts; readonly labelMap: LabelMap },
): Promise<boolean> {
  const writer = new ByteWriter();
  writer.magic(MAGIC);
  writer.byte(VERSION);
  const json = await compress(new TextEncoder().encode(JSON.stringify(facts)));
  writer.varint(json.length);
  writer.bytes(json);
  writer.bytes(await compress(encodeLabelMap(labelMap)));
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(temporary, writer.finish(), { flush: true });
    return await takeFreeName(temporary, path);
  } catch (error) {
    throw error instanceof Error && 'syscall' in error ? fileAccessError('write', path, error) : error;
  } finally {
    await rm(temporary, { force: true });
  }
}

/** Gives a file its name, unless that is taken. @throws the file system's error */
async function takeFreeName(temporary: string, path: string): Promise<boolean> {
  try {
    // Unlike renaming, linking refuses a name that is taken.
    await link(temporary, path);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
  }
  // exFAT, FAT and some network disks have no links, and each system has another error for it.
  if (await isThere(path)) return false;
  await rename(temporary, path);
  return true;
}

function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/**
 * Reads a proposal.
 *
 * @returns null where there is no such file
 * @throws ProposalFileError, FileAccessError
 */
export async function readProposalFile(path: string): Promise<ProposalFile | null> {
  const bytes = await unlessMissing(path, readFile(path));
  if (bytes === null) return null;
  return orDamaged(path, async () => {
    const isInOne = startsAsGzip(bytes);
    const reader = new ByteReader(isInOne ? await inflate(bytes) : bytes);
    readVersion(reader, isInOne ? VERSION_IN_ONE : VERSION);
    const json = reader.bytes(reader.varint());
    const facts = parseFacts(isInOne ? json : await inflate(json));
    const packed = reader.bytes(reader.remaining);
    const voxels = isInOne ? packed : await inflate(packed);
    return { facts, labelMap: await decodeLabelMapInPieces(voxels, facts.image.shape, setImmediate) };
  });
}

/**
 * Reads the facts of a proposal alone: a few kilobytes from the front of the file, whatever the size of the volume. Its
 * voxels may be damaged all the same. (Files of version 2 are read whole.)
 *
 * @returns null where there is no such file
 * @throws ProposalFileError, FileAccessError
 */
export async function readProposalFacts(path: string): Promise<ProposalFacts | null> {
  const handle = await unlessMissing(path, open(path));
  if (handle === null) return null;
  try {
    const head = await readFrom(handle, 0, HEAD_BYTES);
    if (startsAsGzip(head)) return (await readProposalFile(path))?.facts ?? null;
    return await orDamaged(path, async () => {
      const reader = new ByteReader(head);
      readVersion(reader, VERSION);
      const length = reader.varint();
      const missing = length - reader.remaining;
      // A few kilobytes: asking another thread would take longer, and cohorts have thousands.
      if (missing <= 0) return parseFacts(gunzipSync(reader.bytes(length)));
      const { size } = await handle.stat();
      if (head.length + missing > size) throw new MalformedBytesError('it ends too early');
      const rest = await readFrom(handle, head.length, missing);
      return parseFacts(gunzipSync(Buffer.concat([reader.bytes(reader.remaining), rest])));
    });
  } finally {
    await handle.close();
  }
}

function startsAsGzip(bytes: Uint8Array): boolean {
  return bytes[0] === GZIP_MAGIC[0] && bytes[1] === GZIP_MAGIC[1];
}

function readVersion(reader: ByteReader, version: number): void {
  reader.magic(MAGIC);
  if (reader.byte() !== version) throw new MalformedBytesError('it is of another version');
}

function parseFacts(json: Uint8Array): ProposalFacts {
  return v.parse(proposalFacts, JSON.parse(new TextDecoder().decode(json)));
}

/** As many bytes from `position` on as there are, at most `length`. */
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
    throw new ProposalFileError(`The proposal ${path} is damaged: remove it and predict again.`, { cause });
  }
}
