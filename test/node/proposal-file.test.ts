import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { LabelMap } from '../../src/core/label/label-map.ts';
import { type ProposalFile, readProposalFile, writeProposalFile } from '../../src/node/proposal-file.ts';
import { BALL_LABELS, ballCase } from '../support/learn-cases.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

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
      uncertainty: [0, 0.25, 1],
      components: [
        { label: 1, uncertainty: 0.5, volumeMm3: 7, min: [0, 1, 2], max: [3, 4, 5], centreVoxel: [1, 2.5, 3] },
      ],
      labels: BALL_LABELS,
    },
    labelMap: LabelMap.fromDense([24, 20, 8], Uint8Array.from(truth.classes)),
  };
}

describe('proposal files', () => {
  it('come back as they were', async () => {
    const path = join(temporaryFolder(), 'a', 'p.vlp');
    const { facts, labelMap } = proposal(1);
    expect(await writeProposalFile(path, { facts, labelMap })).toBe(true);
    const read = await readProposalFile(path);
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
    expect(await readProposalFile(path)).toBeNull();
    await writeProposalFile(path, proposal(1));
    const whole = readFileSync(path);
    const plain = gunzipSync(whole);
    for (const damaged of [
      whole.subarray(0, whole.length - 9),
      gzipSync(plain.subarray(0, plain.length - 1)),
      gzipSync(plain.subarray(1)),
      Buffer.from('VLPR'),
      Buffer.alloc(0),
    ]) {
      writeFileSync(path, damaged);
      await expect(readProposalFile(path)).rejects.toMatchObject({ code: 'proposal-file' });
    }
  });
});
