import { join } from 'node:path';
import process from 'node:process';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { ensureTensorFlow } from '../../scripts/harness/tensorflow-addon.mjs';
import type { EngineReport } from '../../src/core/protocol/engine/engine-report.ts';
import { KnownEngines } from '../../src/engine/choice/known-engines.ts';
import { createOnnxEngine } from '../../src/engine/engines/onnx-runtime/onnx-engine.ts';
import { loadTensorFlow } from '../../src/engine/engines/tensorflow/load-tensorflow.ts';
import { buildCli, cli } from '../cli/cli-process.ts';
import { ballCohort } from '../support/ball-cohort.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { engineSuite } from './engine-suite.ts';

/**
 * The suite over TensorFlow itself, in a file of its own: copies of tfjs-core share one global engine, and what another
 * one registers would run here.
 */
const folder = await ensureTensorFlow();
const tensorFlow = loadTensorFlow(folder);

describe('TensorFlow.js on libtensorflow', () => {
  it('is what runs', () => {
    expect(tensorFlow.getBackend()).toBe('tensorflow');
  });

  engineSuite(
    () => new KnownEngines({ tensorflow: folder }).start('tensorflow'),
    () => createOnnxEngine('cpu', { threads: 1 }),
  );
});

describe('TensorFlow as an engine of the command line', () => {
  beforeAll(buildCli, 60_000);

  it('is tried like the others, agrees with the CPU, and trains and predicts', async () => {
    const before = process.env.XDG_CACHE_HOME;
    onTestFinished(() => {
      if (before === undefined) delete process.env.XDG_CACHE_HOME;
      else process.env.XDG_CACHE_HOME = before;
    });
    process.env.XDG_CACHE_HOME = temporaryFolder();
    const listed = await cli('engines', '--tensorflow', folder, '--json');
    expect(listed).toMatchObject({ code: 0, stderr: '' });
    const { engines } = JSON.parse(listed.stdout) as EngineReport;
    expect(engines.find(({ id }) => id === 'tensorflow')).toMatchObject({
      name: 'TensorFlow CPU',
      verdict: { starts: true, predicts: true, trains: true, findings: expect.stringMatching(/^probabilities to/) },
    });

    const cohort = await ballCohort(4);
    const engine = ['--engine', 'tensorflow', '--tensorflow', folder];
    const trained = await cli('train', cohort.root, '--epochs', '1', ...engine);
    expect(trained).toMatchObject({ code: 0, stdout: expect.stringContaining('TensorFlow CPU') });
    const out = join(temporaryFolder(), 'out');
    // One epoch makes no version that becomes active by itself.
    const model = join(cohort.root, '.voxel-loop/models/1');
    const predicted = await cli('predict', cohort.image('ball_0'), '--model', model, '--out', out, ...engine);
    expect(predicted).toMatchObject({ code: 0, stderr: expect.stringContaining('TensorFlow CPU') });
  });
});
