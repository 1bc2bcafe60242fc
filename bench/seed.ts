/**
 * Speed of the networks of `seed` and `auto` beside PyTorch: `npm run bench -- seed [--networks 4,16,auto] [--rounds 7] [--threads N] [--profile]`; a number stands for
 * the `seed` network with so many filters.
 *
 * Predict and train slices per second, ours and PyTorch's in turn within each round, PyTorch both contiguous and channels_last, whose faster median
 * counts. All sides use every core, or N. `--profile` shows instead which operators our time goes to.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { createOnnxEngine } from '../src/engine/engines/onnx-runtime/onnx-engine.ts';
import { type ComparedNetwork, comparedNetwork } from './support/compared-networks.ts';
import { networkWork } from './support/network-work.ts';
import { readProfile } from './support/ort-profile.ts';
import { Peer } from './support/peer.ts';
import { describeRounds, median } from './support/statistics.ts';

const layouts = ['contiguous', 'channels_last'] as const;

const { values: options } = parseArgs({
  options: {
    networks: { type: 'string', default: '4,16,auto' },
    rounds: { type: 'string', default: '7' },
    threads: { type: 'string', default: String(cpus().length) },
    profile: { type: 'boolean', default: false },
  },
});
const threads = Number(options.threads);

/** Our side: the network's two graphs, loaded. */
async function ours(network: ComparedNetwork, profilePrefix?: string) {
  const engine = await createOnnxEngine('cpu', { threads, ...(profilePrefix === undefined ? {} : { profilePrefix }) });
  return { ...networkWork(engine, network), close: () => engine.close() };
}

/** How fast a side works, and what it costs. */
interface Rate {
  readonly slicesPerSecond: number;
  /** Milliseconds of processor time per slice, over all threads. ONNX Runtime's threads wait actively, which counts. */
  readonly processorMs: number;
}

async function rateOf(batch: number, repeats: number, work: () => Promise<unknown>): Promise<Rate> {
  const start = performance.now();
  const before = process.cpuUsage();
  for (let i = 0; i < repeats; i++) await work();
  const { user, system } = process.cpuUsage(before);
  const slices = batch * repeats;
  return {
    slicesPerSecond: (1000 * slices) / (performance.now() - start),
    processorMs: (user + system) / 1000 / slices,
  };
}

async function compare(network: ComparedNetwork, rounds: number): Promise<void> {
  const { name, batch, size, description } = network;
  const mine = await ours(network);
  const predictor = await mine.predictor();
  const trainer = await mine.trainer();
  const peer = new Peer(
    'seed_torch.py',
    [name.split(' ')[0], description.baseFilters, batch, size, threads].map(String),
  );
  const { torch } = await peer.read();
  console.log(
    `\n${name}, batch ${batch}, ${size}x${size}, ${threads} threads, PyTorch ${torch}, slices per second, median (range) of ${rounds} rounds; processor ms per slice`,
  );
  // About a second's work of each side per round.
  const steps = Math.max(1, Math.round((20 * 57600) / (batch * size * size * (description.baseFilters / 4))));
  const tasks = [
    { task: 'predict', repeats: 3 * steps, work: () => predictor.predict(mine.image) },
    { task: 'train', repeats: steps, work: () => trainer.step(mine.image, mine.target, 1e-3) },
  ] as const;
  for (const { task, repeats, work } of tasks) {
    const rates: Record<'ours' | (typeof layouts)[number], Rate[]> = { ours: [], contiguous: [], channels_last: [] };
    // One round more, thrown away: buffers are allocated and kernels chosen in the first.
    for (let round = 0; round <= rounds; round++) {
      const rate = await rateOf(batch, repeats, work);
      if (round > 0) rates.ours.push(rate);
      for (const layout of layouts) {
        const answer = await peer.ask({ [task]: repeats, layout });
        if (round > 0) rates[layout].push(answer as unknown as Rate);
      }
    }
    const speed = (side: keyof typeof rates): number => median(rates[side].map((rate) => rate.slicesPerSecond));
    const cost = (side: keyof typeof rates): number => median(rates[side].map((rate) => rate.processorMs));
    const describe = (side: keyof typeof rates): string =>
      `${describeRounds(rates[side].map((rate) => rate.slicesPerSecond))}, ${cost(side).toFixed(1)} ms`;
    const ratio = speed('ours') / Math.max(...layouts.map(speed));
    const processorRatio = Math.min(...layouts.map(cost)) / cost('ours');
    const peers = layouts.map((layout) => `PyTorch ${layout} ${describe(layout)}`).join('; ');
    console.log(
      `${task}: ours ${describe('ours')}; ${peers}; ratio ${ratio.toFixed(2)}, of processor time ${processorRatio.toFixed(2)}`,
    );
  }
  peer.close();
  await mine.close();
}

async function profile(network: ComparedNetwork): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'voxel-loop-profile-'));
  const repeats = 5;
  for (const name of ['predict', 'train'] as const) {
    const prefix = path.join(folder, name);
    const mine = await ours(network, prefix);
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
    console.log(
      `\n${network.name}, ${name}, batch ${network.batch}: ${(total / repeats).toFixed(1)} ms in operators per run`,
    );
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
for (const name of options.networks.split(',')) {
  const network = comparedNetwork(name);
  if (options.profile) await profile(network);
  else await compare(network, Number(options.rounds));
}
