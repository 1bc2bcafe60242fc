/**
 * The seed preset's speed beside PyTorch: `npm run bench -- seed [--filters 4,16] [--batch 8] [--rounds 7] [--profile]`.
 *
 * Predict and train slices per second at 240x240, ours and PyTorch's in turn within each round, PyTorch both contiguous and channels_last, whose faster median
 * counts. All sides use every core. `--profile` shows instead which operators our time goes to.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { TensorValue } from '../src/core/learn/network-engine.ts';
import { initialWeights } from '../src/core/net/initial-weights.ts';
import { predictModel } from '../src/core/net/predict-model.ts';
import { trainingModel } from '../src/core/net/training-model.ts';
import { seedUNet } from '../src/core/net/unet-description.ts';
import { SeededRandom } from '../src/core/random.ts';
import { createOnnxEngine } from '../src/engine/onnx-runtime/onnx-engine.ts';
import { readProfile } from './support/ort-profile.ts';
import { Peer } from './support/peer.ts';
import { describeRounds, median } from './support/statistics.ts';

const size = 240;
const threads = cpus().length;
const layouts = ['contiguous', 'channels_last'] as const;

const { values: options } = parseArgs({
  options: {
    filters: { type: 'string', default: '4,16' },
    batch: { type: 'string', default: '8' },
    rounds: { type: 'string', default: '7' },
    profile: { type: 'boolean', default: false },
  },
});

/** Our side: the two graphs of the seed preset, loaded. */
async function ours(filters: number, batch: number, profilePrefix?: string) {
  const engine = await createOnnxEngine('cpu', { threads, ...(profilePrefix === undefined ? {} : { profilePrefix }) });
  const description = seedUNet({ baseFilters: filters });
  const weights = initialWeights(description, { kind: 'he', seed: 1 });
  const random = new SeededRandom(2);
  const image: TensorValue = {
    data: Float32Array.from({ length: batch * size * size }, () => random.normal()),
    shape: [batch, 1, size, size],
  };
  const target: TensorValue = {
    data: Float32Array.from({ length: batch * size * size }, () => (random.uniform() < 0.1 ? 1 : 0)),
    shape: [batch, size, size],
  };
  const graph = trainingModel(description, {
    batch,
    height: size,
    width: size,
    loss: 'soft-dice',
    optimizer: { kind: 'adam' },
  });
  return {
    predictor: () => engine.createPredictor(predictModel(description, weights)),
    trainer: () => engine.createTrainer({ graph, weights }),
    image,
    target,
    close: () => engine.close(),
  };
}

async function slicesPerSecond(batch: number, repeats: number, work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  for (let i = 0; i < repeats; i++) await work();
  return (1000 * batch * repeats) / (performance.now() - start);
}

async function compare(filters: number, batch: number, rounds: number): Promise<void> {
  const mine = await ours(filters, batch);
  const predictor = await mine.predictor();
  const trainer = await mine.trainer();
  const peer = new Peer('seed_torch.py', [filters, batch, size, threads].map(String));
  const { torch } = await peer.read();
  console.log(
    `\nf = ${filters}, batch ${batch}, ${size}x${size}, ${threads} threads, PyTorch ${torch}, slices per second, median (range) of ${rounds} rounds`,
  );
  const tasks = [
    {
      name: 'predict',
      repeats: Math.max(1, Math.round(160 / filters / batch)) * 2,
      work: () => predictor.predict(mine.image),
    },
    {
      name: 'train',
      repeats: Math.max(1, Math.round(80 / filters / batch)),
      work: () => trainer.step(mine.image, mine.target, 1e-3),
    },
  ] as const;
  for (const { name, repeats, work } of tasks) {
    const rates = { ours: [] as number[], contiguous: [] as number[], channels_last: [] as number[] };
    // One round more, thrown away: buffers are allocated and kernels chosen in the first.
    for (let round = 0; round <= rounds; round++) {
      const rate = await slicesPerSecond(batch, repeats, work);
      if (round > 0) rates.ours.push(rate);
      for (const layout of layouts) {
        const answer = await peer.ask({ [name]: repeats, layout });
        if (round > 0) rates[layout].push(Number(answer.slicesPerSecond));
      }
    }
    const best = Math.max(...layouts.map((layout) => median(rates[layout])));
    const peers = layouts.map((layout) => `PyTorch ${layout} ${describeRounds(rates[layout])}`).join('; ');
    console.log(
      `${name}: ours ${describeRounds(rates.ours)}; ${peers}; ratio ${(median(rates.ours) / best).toFixed(2)}`,
    );
  }
  peer.close();
  await mine.close();
}

async function profile(filters: number, batch: number): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'voxel-loop-profile-'));
  const repeats = 5;
  for (const name of ['predict', 'train'] as const) {
    const prefix = path.join(folder, name);
    const mine = await ours(filters, batch, prefix);
    if (name === 'predict') {
      const predictor = await mine.predictor();
      for (let i = 0; i < repeats; i++) await predictor.predict(mine.image);
      await predictor.close();
    } else {
      const trainer = await mine.trainer();
      for (let i = 0; i < repeats; i++) await trainer.step(mine.image, mine.target, 1e-3);
      await trainer.close();
    }
    await mine.close();
    const times = readProfile(prefix);
    const total = times.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
    console.log(`\n${name}, f = ${filters}, batch ${batch}: ${(total / repeats).toFixed(1)} ms in operators per run`);
    for (const { operator, milliseconds, calls } of times.slice(0, 16)) {
      const share = ((100 * milliseconds) / total).toFixed(1);
      console.log(
        `${operator.padEnd(24)} ${(milliseconds / repeats).toFixed(2).padStart(8)} ms ${share.padStart(5)} %  ${calls / repeats} calls`,
      );
    }
  }
  rmSync(folder, { recursive: true });
}

const onnxRuntime = JSON.parse(readFileSync('node_modules/onnxruntime-node/package.json', 'utf8')) as {
  version: string;
};
const machine = `${cpus()[0]?.model}, ${threads} cores, Node ${process.version}, onnxruntime-node ${onnxRuntime.version}`;
console.log(
  `${machine}; load average at the start ${loadavg()[0]?.toFixed(1)} (other programs slow both sides, not always alike)`,
);
for (const filters of options.filters.split(',').map(Number)) {
  if (options.profile) await profile(filters, Number(options.batch));
  else await compare(filters, Number(options.batch), Number(options.rounds));
}
