import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { ByteWriter } from '../../../../src/core/binary/byte-writer.ts';
import { LabelMap } from '../../../../src/core/label/label-map.ts';
import { encodeLabelMap } from '../../../../src/core/label/label-map-codec.ts';
import {
  type ProposalFile,
  readProposalFacts,
  readProposalFile,
  writeProposalFile,
} from '../../../../src/node/cohort/proposals/proposal-file.ts';
import { BALL_LABELS, ballCase } from '../../../support/learn-cases.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

const SHAPE = [24, 20, 8] as const;

function proposal(seed: number): ProposalFile {
  const { truth } = ballCase(seed);
  return {
    facts: {
      id: `1-abcd-${seed}-k`,
      modelVersion: 1,
      modelName: 'model 1',
      engineName: 'ONNX Runtime CPU',
      created: '2026-01-02T03:04:05.678Z',
      image: { fingerprints: ['sha256-1'], timeIndex: 0, shape: [24, 20, 8] },
      reviewAxis: 2,
      uncertainty: [0, 0.25, 1, 0, 0, 0, 0, 0],
      disagreement: [0, 0.5, 0.125, 0, 0, 0, 0, 0],
      distance: null,
      areaMm2: [0, 12.5, 3, 0, 0, 0, 0, 0],
      components: [
        { label: 1, uncertainty: 0.5, volumeMm3: 7, min: [0, 1, 2], max: [3, 4, 5], centreVoxel: [1, 2.5, 3] },
      ],
      labels: BALL_LABELS,
    },
    labelMap: LabelMap.fromDense([24, 20, 8], Uint8Array.from(truth.classes)),
  };
}

/** As version 2 wrote it: one gzip stream, and of the signals only the uncertainty. */
function versionTwo({ facts, labelMap }: ProposalFile): Buffer {
  const { disagreement, distance, areaMm2, ...known } = facts;
  const writer = new ByteWriter();
  writer.magic('VLPR');
  writer.byte(2);
  const json = new TextEncoder().encode(JSON.stringify(known));
  writer.varint(json.length);
  writer.bytes(json);
  writer.bytes(encodeLabelMap(labelMap));
  return gzipSync(writer.finish());
}

describe('proposal files', () => {
  it('come back as they were', async () => {
    const path = join(temporaryFolder(), 'a', 'p.vlp');
    const { facts, labelMap } = proposal(1);
    expect(await writeProposalFile(path, { facts, labelMap })).toBe(true);
    const read = await readProposalFile(path, SHAPE);
    expect(read?.facts).toEqual(facts);
    expect(read?.labelMap.read(0, 24 * 20 * 8)).toEqual(labelMap.read(0, 24 * 20 * 8));
    expect(readdirSync(join(path, '..'))).toEqual(['p.vlp']);
  });

  it('are never replaced', async () => {
    const path = join(temporaryFolder(), 'p.vlp');
    await writeProposalFile(path, proposal(1));
    const before = readFileSync(path);
    expect(await writeProposalFile(path, proposal(2))).toBe(false);
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  it('are null where they are not, and refused where they are damaged', async () => {
    const path = join(temporaryFolder(), 'p.vlp');
    expect(await readProposalFile(path, SHAPE)).toBeNull();
    await writeProposalFile(path, proposal(1));
    const whole = readFileSync(path);
    const old = versionTwo(proposal(1));
    const oldPlain = gunzipSync(old);
    const otherVersion = Buffer.from(whole);
    otherVersion[4] = 9;
    for (const damaged of [
      whole.subarray(0, whole.length - 9),
      whole.subarray(0, 20),
      otherVersion,
      old.subarray(0, old.length - 9),
      gzipSync(oldPlain.subarray(0, oldPlain.length - 1)),
      gzipSync(oldPlain.subarray(1)),
      Buffer.from('VLPR'),
      Buffer.alloc(0),
    ]) {
      writeFileSync(path, damaged);
      await expect(readProposalFile(path, SHAPE)).rejects.toMatchObject({ code: 'proposal-file' });
    }
  });

  it('tell their facts without their voxels', async () => {
    const path = join(temporaryFolder(), 'p.vlp');
    expect(await readProposalFacts(path)).toBeNull();
    const { facts, labelMap } = proposal(1);
    await writeProposalFile(path, { facts, labelMap });
    expect(await readProposalFacts(path)).toEqual(facts);
    // Whatever is behind them is not looked at.
    const whole = readFileSync(path);
    writeFileSync(path, Buffer.concat([whole.subarray(0, whole.length - 40), Buffer.alloc(40, 7)]));
    expect(await readProposalFacts(path)).toEqual(facts);
    await expect(readProposalFile(path, SHAPE)).rejects.toMatchObject({ code: 'proposal-file' });
    for (const damaged of [whole.subarray(0, 30), Buffer.from('VLPR'), Buffer.alloc(0), Buffer.alloc(100, 1)]) {
      writeFileSync(path, damaged);
      await expect(readProposalFacts(path)).rejects.toMatchObject({ code: 'proposal-file' });
    }
  });

  it('tell facts that are larger than what is read first', async () => {
    const path = join(temporaryFolder(), 'p.vlp');
    const { facts, labelMap } = proposal(1);
    // Numbers that compress badly.
    const uncertainty = Array.from({ length: 20_000 }, (_, slice) => Math.abs(Math.sin(slice * 12.9898)));
    const image: ProposalFile['facts']['image'] = { ...facts.image, shape: [24, 20, 20_000] };
    const large = { ...facts, image, uncertainty, disagreement: null, areaMm2: null };
    await writeProposalFile(path, { facts: large, labelMap });
    expect(readFileSync(path).length).toBeGreaterThan(100_000);
    expect(await readProposalFacts(path)).toEqual(large);
    writeFileSync(path, readFileSync(path).subarray(0, 60_000));
    await expect(readProposalFacts(path)).rejects.toMatchObject({ code: 'proposal-file' });
  });

  it('of version 2 are read too, without the signals that it did not have', async () => {
    const path = join(temporaryFolder(), 'p.vlp');
    const old = proposal(1);
    writeFileSync(path, versionTwo(old));
    const expected = { ...old.facts, disagreement: null, distance: null, areaMm2: null };
    expect(await readProposalFacts(path)).toEqual(expected);
    const read = await readProposalFile(path, SHAPE);
    expect(read?.facts).toEqual(expected);
    expect(read?.labelMap.read(0, 24 * 20 * 8)).toEqual(old.labelMap.read(0, 24 * 20 * 8));
  });
});
