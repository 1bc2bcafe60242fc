/**
 * TensorFlow itself as an engine, beside ONNX Runtime, both on the CPU: `npm run bench -- tensorflow [--sizes 64,240] [--rounds 7]
 * [--seconds 2] [--write]`. Linux x64.
 *
 * `@tensorflow/tfjs-node` is built from its npm sources against the libtensorflow of PyPI's wheel, into the cache folder; the
 * conformance suite runs over it; then the `seed` network (4 filters, batches of 8) predicts and trains on each engine in
 * turn, as long as `--seconds` in each round. `--write` puts the figures into docs/measurements/engines.md.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { ensureTensorFlow, tensorFlowInWords } from '../scripts/harness/tensorflow-addon.mjs';
import { KnownEngines } from '../src/engine/choice/known-engines.ts';
import { comparedNetwork } from './support/compared-networks.ts';
import { machine } from './support/hippocampus-data.ts';
import { writeIntoPage } from './support/marked-page.ts';
import { networkWork } from './support/network-work.ts';
import { describeRounds, median } from './support/statistics.ts';

const { values: options } = parseArgs({
  options: {
    sizes: { type: 'string', default: '64,240' },
    rounds: { type: 'string', default: '7' },
    seconds: { type: 'string', default: '2' },
    write: { type: 'boolean', default: false },
  },
});

const folder = await ensureTensorFlow();
const conformance = runConformance();
const known = new KnownEngines({ tensorflow: folder });
const engines = { onnx: await known.start('cpu'), tensorFlow: await known.start('tensorflow') };
const rows: string[] = [];
for (const size of options.sizes.split(',').map(Number)) rows.push(...(await compare(size)));
for (const engine of Object.values(engines)) await engine.close();

const report = [
  `Conformance suite over ${tensorFlowInWords}: ${conformance}.`,
  '',
  '| the `seed` network, f = 4, batch 8 | ONNX Runtime CPU, slices/s | TensorFlow CPU, slices/s | ratio |',
  '| --- | --- | --- | --- |',
  ...rows,
  '',
  `Medians (ranges) of ${options.rounds} rounds of ${options.seconds} s, the engines in turn; ${machine()}; ${new Date().toISOString().slice(0, 10)}.`,
].join('\n');
console.log(report);
if (options.write) writeIntoPage(path.join('docs', 'measurements', 'engines.md'), 'tensorflow', report);

/** @returns how much of it passed @throws Error if not all of it */
function runConformance(): string {
  const scratch = mkdtempSync(path.join(tmpdir(), 'voxel-loop-bench-'));
  try {
    const file = path.join(scratch, 'report.json');
    const { status } = spawnSync(
      process.execPath,
      [
        ...['node_modules/vitest/vitest.mjs', 'run', 'test/conformance/real-tensorflow.test.ts'],
        ...['--reporter=default', '--reporter=json', `--outputFile.json=${file}`],
      ],
      { stdio: 'inherit' },
    );
    const { numPassedTests, numTotalTests } = JSON.parse(readFileSync(file, 'utf8')) as Record<string, number>;
    if (status !== 0 || numPassedTests !== numTotalTests) throw new Error('TensorFlow does not pass the suite.');
    return `${numPassedTests} of ${numTotalTests} tests pass`;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Rows of the table. @param size rows and columns of a slice */
async function compare(size: number): Promise<string[]> {
  const network = { ...comparedNetwork('4'), size };
  const sides = await Promise.all(
    Object.values(engines).map(async (engine) => {
      const { predictor, trainer, image, target } = networkWork(engine, network);
      const [loadedPredictor, loadedTrainer] = [await predictor(), await trainer()];
      return {
        predict: () => loadedPredictor.predict(image),
        train: () => loadedTrainer.step(image, target, 1e-3),
        close: async () => {
          await loadedPredictor.close();
          await loadedTrainer.close();
        },
      };
    }),
  );
  const found: string[] = [];
  for (const task of ['predict', 'train'] as const) {
    const rates: number[][] = sides.map(() => []);
    // One round more, thrown away: buffers are allocated and kernels chosen in the first.
    for (let round = 0; round <= Number(options.rounds); round++) {
      for (const [at, side] of sides.entries()) {
        const rate = await slicesPerSecond(network.batch, side[task]);
        if (round > 0) rates[at]?.push(rate);
      }
    }
    const [onnx = [], tensorFlow = []] = rates;
    const ratio = (median(tensorFlow) / median(onnx)).toFixed(2);
    found.push(`| ${task}, ${size} x ${size} | ${describeRounds(onnx)} | ${describeRounds(tensorFlow)} | ${ratio} |`);
  }
  for (const side of sides) await side.close();
  return found;
}

async function slicesPerSecond(batch: number, work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  const end = start + 1000 * Number(options.seconds);
  let slices = 0;
  do {
    await work();
    slices += batch;
  } while (performance.now() < end);
  return (1000 * slices) / (performance.now() - start);
}
