import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { ByteWriter } from '../../../src/core/binary/byte-writer.ts';
import { LabelMap } from '../../../src/core/label/label-map.ts';
import { encodeLabelMap, mostLabelMapBytes } from '../../../src/core/label/label-map-codec.ts';
import { DEFAULT_LABEL_TABLE } from '../../../src/core/label/table/label-table.ts';
import { readSliceFile } from '../../../src/engine/loader/slice-file.ts';
import {
  type ProposalFacts,
  readPackedProposal,
  readProposalFacts,
  readProposalFile,
} from '../../../src/node/cohort/proposals/proposal-file.ts';
import { InflateLimitError, inflateSmall, inflateWithin } from '../../../src/node/volumes/stored/inflate.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

/** 64 MiB of spaces in 64 KiB: what is refused after a few bytes needs no gigabytes to show it. */
const BOMB = gzipSync(Buffer.alloc(64 << 20, 0x20));
const MIB = 1 << 20;
const SHAPE = [4, 3, 2] as const;

const facts: ProposalFacts = {
  id: 'p',
  modelVersion: 1,
  modelName: 'm',
  engineName: 'e',
  created: '2026-01-02T03:04:05.000Z',
  image: { fingerprints: [], timeIndex: 0, shape: [...SHAPE] },
  reviewAxis: 2,
  uncertainty: [0, 0],
  disagreement: null,
  distance: null,
  areaMm2: null,
  components: [],
  labels: [...DEFAULT_LABEL_TABLE],
};

/** A file with that description and those voxels, both compressed already. */
function proposal(json: Uint8Array, voxels: Uint8Array): string {
  const writer = new ByteWriter();
  writer.magic('VLPR');
  writer.byte(3);
  writer.varint(json.length);
  writer.bytes(json);
  writer.bytes(voxels);
  const path = join(temporaryFolder(), 'p.vlp');
  writeFileSync(path, writer.finish());
  return path;
}

const factsJson = (changed: object = {}) => gzipSync(JSON.stringify({ ...facts, ...changed }));
const voxels = (map = new LabelMap(SHAPE)) => gzipSync(encodeLabelMap(map));
const isInflateLimit = (limitBytes: number) => ({
  code: 'proposal-file',
  cause: expect.objectContaining({ code: 'inflate-limit', limitBytes }),
});

/** Why work was refused. What it gives where it is not, megabytes of zeros, is nothing that a failing test could print. */
const refusalOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'it was not refused',
    (error: unknown) => error,
  );

describe('inflating', () => {
  it('stops at its limit', async () => {
    expect(await inflateWithin(gzipSync('abc'), 3)).toEqual(new TextEncoder().encode('abc'));
    const refused = await refusalOf(inflateWithin(BOMB, MIB));
    expect(refused).toBeInstanceOf(InflateLimitError);
    expect((refused as InflateLimitError).inflatedBytes).toBeLessThan(2 * MIB);
    expect(() => inflateSmall(BOMB, MIB)).toThrow(InflateLimitError);
    // A second member counts too.
    const twice = inflateWithin(Buffer.concat([gzipSync('abc'), BOMB]), MIB);
    expect(await refusalOf(twice)).toBeInstanceOf(InflateLimitError);
  });
});

describe('a proposal of a few kilobytes', () => {
  it('whose description inflates without end is refused at its limit, when cases are merely listed', async () => {
    const path = proposal(BOMB, voxels());
    expect(await refusalOf(readProposalFacts(path))).toMatchObject(isInflateLimit(8 * MIB));
    expect(await refusalOf(readPackedProposal(path, SHAPE))).toMatchObject(isInflateLimit(8 * MIB));
  });

  it('whose voxels inflate without end is refused at what its image can hold', async () => {
    const path = proposal(factsJson(), BOMB);
    expect(await readProposalFacts(path)).toEqual(facts);
    const limit = mostLabelMapBytes(SHAPE);
    const refused = await refusalOf(readPackedProposal(path, SHAPE));
    expect(refused).toMatchObject(isInflateLimit(limit));
    expect(((refused as Error).cause as InflateLimitError).inflatedBytes).toBeLessThan(limit + MIB);
  });

  it('of version 2, one stream without end, is refused; its description alone is read from the start', async () => {
    const path = join(temporaryFolder(), 'p.vlp');
    writeFileSync(path, BOMB);
    expect(await refusalOf(readProposalFacts(path))).toMatchObject({ code: 'proposal-file' });
    expect(await refusalOf(readPackedProposal(path, SHAPE))).toMatchObject(
      isInflateLimit(8 * MIB + mostLabelMapBytes(SHAPE)),
    );
    const writer = new ByteWriter();
    const { disagreement: _d, distance: _e, areaMm2: _a, ...old } = facts;
    const json = new TextEncoder().encode(JSON.stringify(old));
    writer.magic('VLPR');
    writer.byte(2);
    writer.varint(json.length);
    writer.bytes(json);
    writeFileSync(path, gzipSync(Buffer.concat([writer.finish(), Buffer.alloc(64 * MIB)])));
    expect(await readProposalFacts(path)).toEqual(facts);
    expect(await refusalOf(readPackedProposal(path, SHAPE))).toMatchObject({ code: 'proposal-file' });
  });

  it('that claims another image is refused before its voxels are inflated', async () => {
    const path = proposal(factsJson({ image: { ...facts.image, shape: [2000, 2000, 2] } }), BOMB);
    await expect(readPackedProposal(path, SHAPE)).rejects.toThrow(
      /is of an image of 2000 x 2000 x 2 voxels.*predict again/,
    );
  });

  it('that is longer than its image allows is not even read', async () => {
    const path = proposal(factsJson(), Buffer.alloc(9 * MIB));
    expect(await refusalOf(readPackedProposal(path, SHAPE))).toMatchObject({
      code: 'proposal-file',
      // Not that its voxels cannot be inflated.
      cause: { message: 'it is too long' },
    });
  });

  it.each([
    ['structures that reach far outside', { components: [component({ max: [1, 1e15, 1] })] }],
    ['structures of a label that is not there', { components: [component({ label: 7 })] }],
    ['more signals than slices', { uncertainty: [0, 0, 0] }],
    ['an image without size', { image: { ...facts.image, shape: [0, 3, 2] } }],
    ['an image without end', { image: { ...facts.image, shape: [2 ** 40, 2 ** 40, 2] } }],
    ['labels without background', { labels: [{ value: 1, name: 'a', color: '#ff0000' }] }],
    ['a colour that is none', { labels: [facts.labels[0], { value: 1, name: 'a', color: 'url(x)' }] }],
  ])('with %s is refused where its description is read', async (_, changed) => {
    expect(await refusalOf(readProposalFacts(proposal(factsJson(changed), voxels())))).toMatchObject({
      code: 'proposal-file',
    });
  });

  it('with labels outside its table is refused, and the sentence names file and next step', async () => {
    const map = new LabelMap(SHAPE);
    map.fill(3, 2, 5);
    const path = proposal(factsJson(), voxels(map));
    await expect(readProposalFile(path, SHAPE)).rejects.toThrow(`The proposal ${path} is damaged: remove it`);
  });
});

describe('a slice file of a few kilobytes', () => {
  it('whose index inflates without end is refused at its limit', async () => {
    const path = join(temporaryFolder(), 'a.slices');
    const index = deflateSync(Buffer.alloc(64 << 20, 0x20));
    const footer = Buffer.alloc(8);
    footer.writeUInt32LE(index.length, 0);
    footer.write('VLS1', 4, 'latin1');
    writeFileSync(path, Buffer.concat([index, footer]));
    await expect(readSliceFile(path, 'key')).rejects.toMatchObject({ cause: expect.any(InflateLimitError) });
  });
});

function component(changed: object) {
  return {
    label: 1,
    uncertainty: 0.5,
    volumeMm3: 1,
    min: [0, 0, 0],
    max: [1, 1, 1],
    centreVoxel: [0, 0, 0],
    ...changed,
  };
}
