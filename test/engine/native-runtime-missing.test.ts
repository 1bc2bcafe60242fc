import { existsSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { buildSync } from 'esbuild';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { copyRuntime } from '../../scripts/package.mjs';
import { thisPlatform } from '../../src/engine/device/platform.ts';
import { CudaRuntime } from '../../src/engine/engines/onnx-runtime/cuda/cuda-runtime.ts';
import { forkTransport } from '../../src/node/engine-link/fork/fork-transport.ts';
import { startEngine } from '../../src/node/engine-link/start-engine.ts';
import { ballCohort } from '../support/ball-cohort.ts';
import { bundleWorkers } from '../support/loader-file.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** The engine with the packages that ship for a platform beside it, outside the repository: nothing else is found from there. */
function engineAsShipped(target: string) {
  const folder = temporaryFolder();
  const entry = join(folder, 'engine.js');
  buildSync({
    entryPoints: [resolve(import.meta.dirname, '../../src/engine/main.ts')],
    outfile: entry,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    external: ['onnxruntime-node', 'onnxruntime-web'],
    logLevel: 'error',
  });
  bundleWorkers(folder);
  copyRuntime(target, join(folder, 'node_modules'));
  const start = () => {
    vi.stubEnv('XDG_CACHE_HOME', temporaryFolder());
    onTestFinished(() => void vi.unstubAllEnvs());
    const engine = startEngine(forkTransport(entry), { threads: 1, onLog: () => undefined });
    onTestFinished(() => engine.stop());
    return engine.endpoint;
  };
  return { folder, start };
}

describe('the engine without a native library', () => {
  it('trains and predicts as WebAssembly, from what ships for Alpine', async () => {
    const { folder, start } = engineAsShipped('alpine-x64');
    expect(existsSync(join(folder, 'node_modules/onnxruntime-node'))).toBe(false);
    const endpoint = start();
    const cohort = await ballCohort(4);
    const trained = await endpoint.request('train', {
      cohortRoot: cohort.root,
      preset: 'auto',
      engine: 'auto',
      epochs: 1,
      seed: 1,
    });
    const predicted = await endpoint.request('predict', {
      channels: [cohort.image('ball_0')],
      timeIndex: 0,
      model: trained.modelDir,
      engine: 'auto',
      output: { kind: 'proposal', folder: join(cohort.root, '.voxel-loop', 'proposals', 'ball_0') },
    });
    expect(predicted.engineName).toBe('ONNX Runtime WASM');
    expect(await endpoint.request('cudaSupport', {})).toEqual({ state: 'impossible' });
  });

  it.runIf(process.platform === 'linux' && process.arch === 'x64')(
    'lists the engines that need it with the reason why they do not start',
    async () => {
      const { folder, start } = engineAsShipped('linux-x64');
      writeFileSync(join(folder, 'node_modules/onnxruntime-node/bin/napi-v6/linux/x64/onnxruntime_binding.node'), '');
      const { engines, reference, chosen } = await start().request('engines', { again: false });
      expect({ reference, chosen }).toEqual({ reference: 'wasm', chosen: { predict: 'wasm', train: 'wasm' } });
      expect(engines.map(({ id, verdict }) => [id, verdict.starts])).toEqual([
        ...['cuda', 'webgpu', 'cpu'].map((id) => [id, false]),
        ['wasm', true],
      ]);
      for (const { id, verdict } of engines) {
        if (id !== 'wasm') expect(verdict.findings).toMatch(/native library does not load: .*file too short/);
      }
    },
  );
});

describe('the platform', () => {
  const report: NodeJS.ProcessReport & { excludeNetwork?: boolean } = process.report;

  it('has no CUDA with the C library of Alpine', () => {
    onTestFinished(() => void vi.restoreAllMocks());
    expect(CudaRuntime.isPossible).toBe(process.platform === 'linux' && process.arch === 'x64');
    vi.spyOn(report, 'getReport').mockReturnValue({ header: {} });
    expect(thisPlatform().isMusl).toBe(process.platform === 'linux');
    expect(CudaRuntime.isPossible).toBe(false);
  });

  it.runIf(process.platform === 'linux')('is found without a word to the network', () => {
    onTestFinished(() => void vi.restoreAllMocks());
    const before = report.excludeNetwork;
    const real = report.getReport.bind(report);
    let excluded: boolean | undefined;
    vi.spyOn(report, 'getReport').mockImplementation(() => {
      excluded = report.excludeNetwork;
      return real();
    });
    expect(thisPlatform().isMusl).toBe(false);
    expect(excluded).toBe(true);
    expect(report.excludeNetwork).toBe(before);
  });
});
