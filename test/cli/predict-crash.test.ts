import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import { buildSync } from 'esbuild';
import { expect, it } from 'vitest';
import { planInitialWeights, planPredictModel } from '../../src/core/learn/training/network.ts';
import { ballCohort } from '../support/ball-cohort.ts';
import { SMALL_PLAN } from '../support/small-plan.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** A FAKE compute process, for a driver that crashes: it dies on WebGPU as long as that may be taken. */
const engine = `
process.on('message', ({ kind, id, params }) => {
  if (kind !== 'request') return;
  const runs = (engine) => process.send({ kind: 'progress', id, report: { phase: 'predicting', fraction: 0.1, engine } });
  if (!params.without) {
    runs({ id: 'webgpu', name: 'ONNX Runtime WebGPU', isReference: false });
    process.kill(process.pid, 'SIGKILL');
  } else {
    process.send({ kind: 'result', id, result: {
      path: params.output.path, reused: false, engineName: 'without ' + params.without, notes: [], modelName: 'model', seconds: 1,
      reviewAxis: 2, uncertainty: [], disagreement: null, distance: null, areaMm2: null, components: [], labels: [],
    } });
  }
});
process.on('disconnect', () => process.exit(0));
`;

it('an image whose prediction takes the process down is predicted again without that engine, and so are the others', async () => {
  const { root, image } = await ballCohort(2);
  const folder = temporaryFolder();
  const program = join(folder, 'cli.js');
  buildSync({
    entryPoints: [resolve(import.meta.dirname, '../../src/cli/main.ts')],
    outfile: program,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    logLevel: 'error',
  });
  writeFileSync(join(folder, 'engine.js'), engine);
  const model = join(root, 'model.onnx');
  writeFileSync(model, planPredictModel(SMALL_PLAN, planInitialWeights(SMALL_PLAN, 1)));
  const images = [image('ball_0'), image('ball_1')];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [
    ...[program, 'predict', ...images, '--model', model, '--out', join(root, 'out')],
  ]);
  expect(stdout.trim().split('\n')).toEqual(['ball_0', 'ball_1'].map((id) => join(root, 'out', `${id}.nii.gz`)));
  expect(stderr.match(/stopped unexpectedly/g)).toHaveLength(1);
  expect(stderr).toContain(
    'ball_0: The compute engine stopped unexpectedly (signal SIGKILL) while ONNX Runtime WebGPU predicted. The next try takes another engine.',
  );
}, 120_000);
