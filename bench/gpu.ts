/**
 * Speed on an NVIDIA GPU: WebGPU, and CUDA where its libraries are found, beside PyTorch CUDA in the same run. Started by `bash bench/gpu.sh`, which finds libraries and drivers:
 * `gpu.sh [--smoke] [--out DIR] [--seconds N]`.
 *
 * The `seed` network with f = 4, 16, 64 at 240x240, batch 16: predict and train, slices per second. Each side measures a network in a process of its own, with a time of its own: one
 * that fails costs its row and says why. `--smoke` is a small size on whatever there is, to see that the program works; its figures say nothing.
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { type ComparedNetwork, comparedNetwork } from './support/compared-networks.ts';
import { measureSide, type Rates, type Side } from './support/gpu-sides.ts';
import { gpuTable, type Row } from './support/gpu-table.ts';

const { values: options } = parseArgs({
  options: {
    smoke: { type: 'boolean', default: false },
    out: { type: 'string', default: 'gpu-results' },
    /** Of all rows together. */
    seconds: { type: 'string', default: '430' },
    /** One row, as JSON: this process measures it. */
    row: { type: 'string' },
  },
});

const ROUNDS = 5;
const sides: readonly Side[] = ['webgpu', 'cuda', 'pytorch'];

function networkOf(filters: number, smoke: boolean): ComparedNetwork {
  return { ...comparedNetwork(String(filters)), batch: smoke ? 2 : 16, size: smoke ? 48 : 240 };
}

interface RowRequest {
  readonly side: Side;
  readonly filters: number;
  readonly smoke: boolean;
  readonly device: string;
}

async function measureRow({ side, filters, smoke, device }: RowRequest): Promise<void> {
  const measuring = { network: networkOf(filters, smoke), rounds: ROUNDS, roundSeconds: smoke ? 0.1 : 1, device };
  try {
    await measureSide(side, measuring, (rates) => console.log(JSON.stringify(rates)));
  } catch (error) {
    for (let at = error; at instanceof Error; at = at.cause) console.error(at.message);
    process.exitCode = 1;
  }
}

/** Runs one row in a process of its own and keeps what it told until it ended, or its time was over. */
function runRow(request: RowRequest, seconds: number): Promise<Row> {
  const { side, filters } = request;
  // A group of its own: PyTorch's process ends with it. A signal for this process's group does not reach it.
  const child = spawn(process.execPath, [process.argv[1] as string, '--row', JSON.stringify(request)], {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const endRow = () => process.kill(-(child.pid as number), 'SIGKILL');
  process.once('exit', endRow);
  let [told, said, timedOut] = ['', '', false];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    told += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const end = setTimeout(() => {
    timedOut = true;
    endRow();
  }, 1000 * seconds);
  return new Promise((settle, fail) => {
    child.once('error', fail);
    child.once('close', (code, signal) => {
      clearTimeout(end);
      process.off('exit', endRow);
      const rates = told
        .split('\n')
        .filter((line) => line.endsWith('}'))
        .map((line) => JSON.parse(line) as Rates);
      const words = said.trim().split('\n').slice(-3).join(' ').slice(0, 400);
      const how = timedOut ? `not done after ${Math.round(seconds)} s` : `ended with ${signal ?? code}`;
      settle({ side, filters, rates, problem: code === 0 ? null : `${how}${words === '' ? '' : `: ${words}`}` });
    });
  });
}

interface Machine {
  /** Null: there is no NVIDIA GPU. */
  readonly gpu: string | null;
  readonly processor: string;
  readonly node: string;
  readonly onnxRuntime: string;
  readonly pyTorch: string;
}

/** @param seconds that PyTorch, or NVIDIA's driver, may take to say what it is */
function findMachine(seconds: number): Machine {
  const answer = (command: string, args: readonly string[]): string | null => {
    const { status, stdout } = spawnSync(command, args, { encoding: 'utf8', timeout: 1000 * seconds });
    return status === 0 ? stdout.trim() : null;
  };
  const torch = 'import torch; print(torch.__version__, "CUDA", torch.version.cuda)';
  return {
    gpu: answer('nvidia-smi', ['--query-gpu=name,driver_version', '--format=csv,noheader']),
    processor: `${cpus()[0]?.model.trim()}, ${cpus().length} cores`,
    node: process.version,
    onnxRuntime: (JSON.parse(readFileSync('node_modules/onnxruntime-node/package.json', 'utf8')) as { version: string })
      .version,
    pyTorch: answer(process.env.VOXEL_LOOP_PYTHON ?? 'python3', ['-c', torch]) ?? 'none',
  };
}

async function measureAll(): Promise<void> {
  const { smoke } = options;
  const seconds = Number(options.seconds);
  const endsAt = performance.now() + 1000 * seconds;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
  const machine = findMachine(seconds);
  if (machine.gpu === null && !smoke) {
    console.error('There is no NVIDIA GPU here (nvidia-smi does not answer), so nothing is measured.');
    process.exitCode = 1;
    return;
  }
  const device = machine.gpu === null ? 'cpu' : 'cuda';
  const requests = (smoke ? [4] : [4, 16, 64]).flatMap((filters) =>
    sides.map((side): RowRequest => ({ side, filters, smoke, device })),
  );
  const rows: Row[] = [];
  for (const [index, request] of requests.entries()) {
    const left = Math.max(0, endsAt - performance.now()) / 1000;
    // A row may take twice its share of the time that is left: small networks leave time to large ones.
    const row = await runRow(request, Math.min(left, (2 * left) / (requests.length - index)));
    rows.push(row);
    console.error(`${request.side} f=${request.filters}: ${row.problem ?? 'measured'}`);
    write(machine, rows);
  }
  console.log(readFileSync(path.join(options.out, 'gpu.md'), 'utf8'));
  if (rows.every(({ rates }) => rates.length === 0)) process.exitCode = 1;
}

/** After every row: what was measured stays, whatever happens later. */
function write(machine: Machine, rows: readonly Row[]): void {
  const { smoke } = options;
  const { batch, size } = networkOf(4, smoke);
  const title = smoke ? '# A trial of the program: these figures say nothing' : '# Speed on a GPU beside PyTorch';
  const about = `${machine.gpu ?? 'no NVIDIA GPU'}; ${machine.processor}; Node ${machine.node}, onnxruntime-node ${machine.onnxRuntime}, PyTorch ${machine.pyTorch}.`;
  const what = `The \`seed\` network, ${size}x${size}, batch ${batch}, Adam, images from the processor's memory and probabilities back to it. Slices per second, median (range) of ${ROUNDS} rounds; PyTorch with its own settings (TF32 in convolutions), in the faster of its two layouts.`;
  mkdirSync(options.out, { recursive: true });
  writeFileSync(path.join(options.out, 'gpu.md'), `${[title, about, what, gpuTable(rows)].join('\n\n')}\n`);
  writeFileSync(path.join(options.out, 'gpu.json'), `${JSON.stringify({ smoke, machine, rows }, null, 2)}\n`);
}

if (options.row === undefined) await measureAll();
else await measureRow(JSON.parse(options.row) as RowRequest);
