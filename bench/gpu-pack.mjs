// node bench/gpu-pack.mjs FILE.tar.xz: all that bench/gpu.sh needs on a Linux x64 machine with an NVIDIA GPU and no internet, but the GPU's driver and a Python with PyTorch. There:
//   tar xf FILE.tar.xz && bash voxel-loop-gpu/bench/gpu.sh
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { bundleBench, root } from './bundle.mjs';

/** The Vulkan loader, and what NVIDIA's driver is linked with; the pack's copies are used where the machine has none. */
const vulkanPackages = 'libvulkan1 libx11-6 libxext6 libxcb1 libxau6 libxdmcp6 libbsd0 libmd0'.split(' ');
const mostMebibytes = 64;

const [file] = process.argv.slice(2);
if (file === undefined || process.platform !== 'linux' || process.arch !== 'x64') {
  console.error('Usage, on Linux x64: node bench/gpu-pack.mjs FILE.tar.xz');
  process.exit(2);
}

/**
 * @param {string} command
 * @param {readonly string[]} args
 * @param {string} cwd
 */
function run(command, args, cwd) {
  const { status, stderr, error } = spawnSync(command, args, { cwd, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${[command, ...args].join(' ')}: ${error?.message ?? stderr}`);
}

/**
 * @param {string} target
 * @param {string} scratch
 */
function addVulkan(target, scratch) {
  try {
    mkdirSync(scratch);
    run('apt-get', ['download', ...vulkanPackages], scratch);
    for (const deb of readdirSync(scratch)) run('dpkg', ['-x', deb, 'root'], scratch);
  } catch (error) {
    console.warn(`Packed without the Vulkan loader, which the machine must have then: ${error.message}`);
    return;
  }
  const libraries = path.join(scratch, 'root/usr/lib/x86_64-linux-gnu');
  mkdirSync(target);
  for (const name of readdirSync(libraries).filter((each) => /\.so\.\d+$/.test(each))) {
    cpSync(realpathSync(path.join(libraries, name)), path.join(target, name));
  }
}

const folder = mkdtempSync(path.join(tmpdir(), 'voxel-loop-gpu-'));
try {
  const pack = path.join(folder, 'voxel-loop-gpu');
  await bundleBench('gpu', path.join(pack, 'gpu.mjs'));
  for (const each of ['bench/gpu.sh', 'bench/peers/seed_torch.py', 'node_modules/onnxruntime-common']) {
    cpSync(path.join(root, each), path.join(pack, each), { recursive: true, dereference: true });
  }
  const runtime = 'node_modules/onnxruntime-node';
  const binaries = 'bin/napi-v6/linux/x64';
  for (const each of [
    'package.json',
    'dist',
    ...['libonnxruntime.so.1', 'onnxruntime_binding.node'].map((name) => path.join(binaries, name)),
  ]) {
    cpSync(path.join(root, runtime, each), path.join(pack, runtime, each), { recursive: true, dereference: true });
  }
  cpSync(process.execPath, path.join(pack, 'node'), { dereference: true });
  addVulkan(path.join(pack, 'vulkan'), path.join(folder, 'debs'));
  run('tar', ['cJf', path.resolve(file), 'voxel-loop-gpu'], folder);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
const mebibytes = statSync(file).size / 2 ** 20;
console.log(`${file}: ${mebibytes.toFixed(1)} MiB`);
if (mebibytes > mostMebibytes) {
  console.error(`It is larger than ${mostMebibytes} MiB.`);
  process.exitCode = 1;
}
