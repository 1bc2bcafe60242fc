import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EngineReport } from '../../src/core/protocol/engine/engine-report.ts';
import { ballCohort } from '../support/ball-cohort.ts';
import { temporaryFolder, writeTree } from '../support/temporary-folder.ts';
import { buildCli, cli } from './cli-process.ts';

/** What the programs find out about the engines of this machine is kept here, not in the user's cache. */
const cache = mkdtempSync(join(tmpdir(), 'voxel-loop-test-'));
beforeAll(async () => {
  process.env.XDG_CACHE_HOME = cache;
  await buildCli();
});
afterAll(() => rmSync(cache, { recursive: true, force: true }));

const headerBytes = 352;

/** The planned network would be that of a real GPU. */
const smallPlan = { network: { baseFilters: 8, levels: 2 }, batch: { size: 4 } };

describe('voxel-loop on WebGPU', () => {
  it('engines: it starts, and gives the results of the CPU', async () => {
    const { code, stdout } = await cli('engines', '--json');
    expect(code).toBe(0);
    const { engines } = JSON.parse(stdout) as EngineReport;
    expect(engines.find(({ id }) => id === 'webgpu')?.verdict).toMatchObject({
      starts: true,
      predicts: true,
      trains: true,
      findings: expect.stringMatching(/^probabilities to \de-\d+, losses to \de-\d+$/),
      predictSlicesPerSecond: expect.any(Number),
      trainSlicesPerSecond: expect.any(Number),
    });
  });

  it('train and predict, end to end; the model gives the same label map on the CPU', async () => {
    const val = ['ball_5', 'ball_6'];
    const cohort = await ballCohort(7, 7, val);
    const folder = writeTree(temporaryFolder(), { 'plan.json': JSON.stringify(smallPlan) });
    const train = ['train', cohort.root, '--engine', 'webgpu', '--plan', join(folder, 'plan.json'), '--epochs', '6'];
    expect(await cli(...train)).toMatchObject({ code: 0 });
    const card = JSON.parse(readFileSync(join(cohort.root, '.voxel-loop/models/1/card.json'), 'utf8'));
    expect(card.engine).toBe('ONNX Runtime WebGPU');
    const losses: number[] = card.training.history.map(({ loss }: { loss: number }) => loss);
    expect(losses.at(-1)).toBeLessThan(losses[0] - 0.1);

    // A few epochs make a version that is not worth to be active by itself.
    expect(await cli('activate', cohort.root, '1', '--even-refused')).toMatchObject({ code: 0 });

    const predict = async (engine: string) => {
      const out = join(folder, engine);
      const images = val.map(cohort.image);
      expect(await cli('predict', ...images, '--model', cohort.root, '--engine', engine, '--out', out)).toMatchObject({
        code: 0,
      });
      return Buffer.concat(val.map((id) => gunzipSync(readFileSync(join(out, `${id}.nii.gz`))).subarray(headerBytes)));
    };
    const [found, expected] = [await predict('webgpu'), await predict('cpu')];
    const differing = found.filter((label, at) => label !== expected[at]).length;
    expect(found.length).toBe(expected.length);
    // A voxel between two labels may fall to either side.
    expect(differing / found.length).toBeLessThan(1e-3);
    // Two maps of nothing would agree too.
    expect(found.filter((label) => label > 0).length).toBeGreaterThan(0);
  });
});
