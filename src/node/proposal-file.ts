import { randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import * as v from 'valibot';
import { ByteReader, MalformedBytesError } from '../core/binary/byte-reader.ts';
import { ByteWriter } from '../core/binary/byte-writer.ts';
import { VoxelLoopError } from '../core/errors.ts';
import type { LabelMap } from '../core/label/label-map.ts';
import { decodeLabelMap, encodeLabelMap } from '../core/label/label-map-codec.ts';
import { predictedComponent } from '../core/protocol/engine-contract.ts';
import { count, labelTable } from '../core/protocol/schemas.ts';
import { fileAccessError } from './file-access-error.ts';
import { isMissing } from './missing-file.ts';

/** A proposal file that cannot be read. It can be removed: the model predicts it again. */
export class ProposalFileError extends VoxelLoopError {
  readonly code = 'proposal-file';
}

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
  /** By slice along the review axis, 0..1 (see `sliceUncertainties`). */
  uncertainty: v.array(v.number()),
  /** Its pieces (see `predictedComponents`), labels as in `labels`. */
  components: v.array(predictedComponent),
  /** What the labels of the map mean: the MODEL's table, whose order a case's own table need not share. */
  labels: labelTable,
});
export type ProposalFacts = v.InferOutput<typeof proposalFacts>;

export interface ProposalFile {
  readonly facts: ProposalFacts;
  /** On the image's grid, in indices of `facts.labels`. */
  readonly labelMap: LabelMap;
}

/** Ending of proposal files. */
export const PROPOSAL_ENDING = '.vlp';

const MAGIC = 'VLPR';
const VERSION = 2;
const compress = promisify(gzip);
const inflate = promisify(gunzip);

/**
 * Writes a proposal; gzip over
 *
 *     "VLPR"  version (2)  length of facts (LEB128)  facts (JSON, UTF-8)  label map (`encodeLabelMap`)
 *
 * The file appears whole or not at all. A file that is there is never replaced: proposals are immutable.
 *
 * @returns false if the file was there already
 * @throws FileAccessError
 */
export async function writeProposalFile(path: string, { facts, labelMap }: ProposalFile): Promise<boolean> {
  const writer = new ByteWriter();
  writer.magic(MAGIC);
  writer.byte(VERSION);
  const json = new TextEncoder().encode(JSON.stringify(facts));
  writer.varint(json.length);
  writer.bytes(json);
  writer.bytes(encodeLabelMap(labelMap));
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(temporary, await compress(writer.finish()), { flush: true });
    // Unlike renaming, linking refuses a name that is taken.
    await link(temporary, path);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error instanceof Error && 'syscall' in error ? fileAccessError('write', path, error) : error;
  } finally {
    await rm(temporary, { force: true });
  }
}

/**
 * Reads a proposal.
 *
 * @returns null where there is no such file
 * @throws ProposalFileError, FileAccessError
 */
export async function readProposalFile(path: string): Promise<ProposalFile | null> {
  let compressed: Uint8Array;
  try {
    compressed = await readFile(path);
  } catch (error) {
    if (isMissing(error)) return null;
    throw fileAccessError('read', path, error);
  }
  try {
    const reader = new ByteReader(await inflate(compressed));
    reader.magic(MAGIC);
    if (reader.byte() !== VERSION) throw new MalformedBytesError('it is of another version');
    const text = new TextDecoder().decode(reader.bytes(reader.varint()));
    const facts = v.parse(proposalFacts, JSON.parse(text));
    return { facts, labelMap: decodeLabelMap(reader.bytes(reader.remaining), facts.image.shape) };
  } catch (cause) {
    throw new ProposalFileError(`The proposal ${path} is damaged: remove it and predict again.`, { cause });
  }
}
