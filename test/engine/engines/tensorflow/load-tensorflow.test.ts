import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import util from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { loadTensorFlow } from '../../../../src/engine/engines/tensorflow/load-tensorflow.ts';
import { findTensorFlow, TensorFlowError } from '../../../../src/node/engines/tensorflow/tensorflow-package.ts';
import { bundleProgram, runProgram } from '../../../support/run-bundled.ts';
import { temporaryFolder, writeTree } from '../../../support/temporary-folder.ts';

const gpu = '@tensorflow/tfjs-node-gpu';
const cpu = '@tensorflow/tfjs-node';

/** Files of a package as npm lays it out, without install script. */
function manifest(name: string, version = '4.22.0') {
  return { 'package.json': JSON.stringify({ name, version, main: 'dist/index.js' }) };
}

/** What the install script brings, by name alone: no library. */
const libraries = { 'lib/napi-v8/tfjs_binding.node': 'not a library', 'deps/lib/libtensorflow.so.2.9.1': 'nor this' };

/** A FAKE package: what is tested is how Voxel Loop loads one, and what it says of one that fails. */
function fakePackage(name: string, program: string) {
  return { ...manifest(name), ...libraries, 'dist/index.js': program };
}

function inModules(name: string, files: Readonly<Record<string, string>>) {
  return Object.fromEntries(Object.entries(files).map(([path, text]) => [`node_modules/${name}/${path}`, text]));
}

function errorOf(run: () => unknown): TensorFlowError {
  try {
    run();
  } catch (error) {
    if (error instanceof TensorFlowError) return error;
    throw error;
  }
  throw new Error('It was expected to fail.');
}

describe('finding TensorFlow.js', () => {
  it('takes the package itself, a folder that it was installed into, and node_modules', () => {
    const root = writeTree(temporaryFolder(), inModules(cpu, { ...manifest(cpu), ...libraries }));
    const expected = { folder: join(root, 'node_modules', cpu), name: cpu, version: '4.22.0', isForGpu: false };
    for (const folder of [root, join(root, 'node_modules'), join(root, 'node_modules', cpu)]) {
      expect(findTensorFlow(folder, 'linux-x64')).toEqual(expected);
    }
  });

  it("prefers the GPU's where both are", () => {
    const both = [cpu, gpu].map((name) => inModules(name, { ...manifest(name), ...libraries }));
    const root = writeTree(temporaryFolder(), Object.assign({}, ...both));
    expect(findTensorFlow(root, 'linux-x64')).toMatchObject({ name: gpu, isForGpu: true });
  });

  it.each([
    ['an empty folder', {}],
    ['another package', manifest('onnxruntime-node')],
    ['a package file that is none', { 'package.json': '{"name":' }],
  ])('says that it is not there: %s', (_, files) => {
    const folder = writeTree(temporaryFolder(), files);
    const error = errorOf(() => findTensorFlow(folder, 'linux-x64'));
    expect(error.problem).toBe('not-installed');
    expect(error.message).toContain(`in ${folder}: name the folder that it was installed into`);
    expect(errorOf(() => findTensorFlow(join(folder, 'nowhere'), 'linux-x64')).problem).toBe('not-installed');
  });

  it('says that the install script has not run, or not to its end', () => {
    const bare = writeTree(temporaryFolder(), manifest(gpu));
    const error = errorOf(() => findTensorFlow(bare, 'linux-x64'));
    expect(error).toMatchObject({ problem: 'library-missing', message: expect.stringMatching(/no native library/) });
    const { 'deps/lib/libtensorflow.so.2.9.1': _, ...addonAlone } = libraries;
    const half = writeTree(temporaryFolder(), { ...manifest(gpu), ...addonAlone });
    expect(errorOf(() => findTensorFlow(half, 'linux-x64')).message).toMatch(
      /has no libtensorflow: its install script/,
    );
  });

  it('says where there are builds, unless somebody has made one', () => {
    const bare = writeTree(temporaryFolder(), manifest(gpu));
    const error = errorOf(() => findTensorFlow(bare, 'darwin-arm64'));
    expect(error).toMatchObject({ problem: 'platform' });
    expect(error.message).toBe(
      '@tensorflow/tfjs-node-gpu has no build for darwin-arm64, only for Linux x64 and Windows x64: use another engine.',
    );
    const made = writeTree(temporaryFolder(), { ...manifest(gpu), ...libraries });
    expect(findTensorFlow(made, 'linux-arm64')).toMatchObject({ name: gpu });
  });

  it.each(['deps/lib/libtensorflow.2.dylib', 'lib/napi-v8/tensorflow.dll', 'deps/lib/libtensorflow.so.2'])(
    'knows libtensorflow by its name: %s',
    (library) => {
      const addon = { 'lib/napi-v8/tfjs_binding.node': '' };
      const folder = writeTree(temporaryFolder(), { ...manifest(cpu), ...addon, [library]: '' });
      expect(findTensorFlow(folder, 'linux-x64')).toMatchObject({ name: cpu });
    },
  );
});

describe('loading TensorFlow.js', () => {
  it('says what the system says of an addon that does not load', () => {
    const program = `require('../lib/napi-v8/tfjs_binding.node');`;
    const folder = writeTree(temporaryFolder(), fakePackage(cpu, program));
    const error = errorOf(() => loadTensorFlow(folder));
    expect(error.problem).toBe('broken');
    expect(error.message).toMatch(
      /^@tensorflow\/tfjs-node in .* does not load \(.*tfjs_binding\.node.*\): install it again\.$/,
    );
    expect(error.message).not.toContain('\n');
  });

  it('does not take a package for loaded whose backend does not start', () => {
    const folder = writeTree(temporaryFolder(), fakePackage(cpu, `exports.getBackend = () => 'cpu';`));
    expect(errorOf(() => loadTensorFlow(folder))).toMatchObject({
      problem: 'broken',
      message: expect.stringContaining('its backend does not start'),
    });
  });

  it('refuses the package for the GPU where it computes on the CPU, and says what is missing', () => {
    const program = `exports.getBackend = () => 'tensorflow'; exports.backend = () => ({ isUsingGpuDevice: false });`;
    const error = errorOf(() => loadTensorFlow(writeTree(temporaryFolder(), fakePackage(gpu, program))));
    expect(error.problem).toBe('no-gpu');
    // Which of them depends on the machine of the test.
    expect(error.message).toMatch(
      /finds no NVIDIA driver \(libcuda\.so\.1\)|because the system does not find lib\S+|although CUDA 11 and cuDNN 8 are there/,
    );
  });

  it('takes that package where it computes on the GPU, and the other one on the CPU', () => {
    const program = (onGpu: boolean) =>
      `exports.getBackend = () => 'tensorflow'; exports.backend = () => ({ isUsingGpuDevice: ${onGpu} });`;
    for (const [name, onGpu] of [[gpu, true] as const, [cpu, false] as const]) {
      const folder = writeTree(temporaryFolder(), fakePackage(name, program(onGpu)));
      expect(loadTensorFlow(folder).getBackend()).toBe('tensorflow');
    }
  });

  it('gives it the functions of util that newer Nodes do not have', () => {
    const functions = util as { isNullOrUndefined?: unknown; isArray?: unknown };
    const { isNullOrUndefined, isArray } = functions;
    onTestFinished(() => void Object.assign(functions, { isNullOrUndefined, isArray }));
    delete functions.isNullOrUndefined;
    delete functions.isArray;
    const program = `
      const util = require('util');
      const answers = [util.isNullOrUndefined(null), util.isNullOrUndefined(undefined), util.isNullOrUndefined(0), util.isArray([]), util.isArray({})];
      if (answers.join() !== 'true,true,false,true,false') throw new Error(answers.join());
      exports.getBackend = () => 'tensorflow';`;
    expect(() => loadTensorFlow(writeTree(temporaryFolder(), fakePackage(cpu, program)))).not.toThrow();
  });
});

describe('libraries of CUDA', () => {
  it('are found as the system finds them', async () => {
    const program = bundleProgram(`
      import { missingCudaLibraries } from './src/engine/engines/tensorflow/cuda-libraries.ts';
      console.log(JSON.stringify(missingCudaLibraries()));`);
    const variable = process.platform === 'win32' ? 'PATH' : 'LD_LIBRARY_PATH';
    const before = process.env[variable];
    onTestFinished(() => {
      if (before === undefined) delete process.env[variable];
      else process.env[variable] = before;
    });
    const missing = async (folder: string) => {
      process.env[variable] = folder;
      return JSON.parse((await runProgram(program, [])).stdout) as { driver: string | null; toolkit: string[] };
    };
    const folder = temporaryFolder();
    const [driver, cudnn] =
      process.platform === 'win32' ? ['nvcuda.dll', 'cudnn64_8.dll'] : ['libcuda.so.1', 'libcudnn.so.8'];
    expect((await missing(folder)).toolkit).toContain(cudnn);
    // Any library will do, under another name.
    const { sharedObjects } = process.report.getReport() as { sharedObjects: string[] };
    const library = sharedObjects.find((path) => /libm[.-]|kernel32|libSystem/i.test(path)) as string;
    for (const name of [driver, cudnn]) copyFileSync(library, join(folder, name));
    const found = await missing(folder);
    expect(found.driver).toBeNull();
    expect(found.toolkit).not.toContain(cudnn);
  });
});
