// A real TensorFlow for TensorFlow.js. `@tensorflow/tfjs-node` downloads its libtensorflow and its addon from Google's
// storage, which CI and clinics do not always reach; here both come from package registries: the addon is built from the
// sources in the npm package, and libtensorflow is the one in PyPI's wheel of TensorFlow for Python.
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { cleanNpmEnvironment, mustRun, Obstacle } from './command.mjs';
import { ensureSystemPackages } from './debian-packages.mjs';
import { cacheFolder, findOnPath } from './paths.mjs';

const packageVersion = '4.22.0';
/** Wheels have had libtensorflow's C interface in a library of its own since 2.13; the addon was written for 2.9's, which it keeps. */
const tensorFlowVersion = '2.15.1';
/** A Python that this wheel is for; none runs it. */
const wheelPython = '3.11';

/** Whether there is a wheel for this machine. */
export const canBuildTensorFlow = process.platform === 'linux' && process.arch === 'x64';

/** What is in the wheel's library, for a record of measurements. */
export const tensorFlowInWords = `@tensorflow/tfjs-node ${packageVersion} on TensorFlow ${tensorFlowVersion}`;

/**
 * Makes sure that it is there (about a minute and 900 MB on disk the first time).
 * @returns {Promise<string>} a folder with `node_modules/@tensorflow/tfjs-node`, which loads
 */
export async function ensureTensorFlow() {
  if (!canBuildTensorFlow) throw new Obstacle('TensorFlow is built here on Linux x64 alone.');
  const folder = join(cacheFolder, `tfjs-node-${packageVersion}-tensorflow-${tensorFlowVersion}`);
  if (existsSync(folder)) return folder;
  await ensureSystemPackages(
    [{ name: 'g++', isPresent: () => findOnPath('g++') !== undefined }],
    'to build the addon of TensorFlow.js',
  );
  console.log(`Building ${tensorFlowInWords} ...`);
  const partial = `${folder}.partial-${process.pid}`;
  try {
    mkdirSync(partial, { recursive: true });
    await Promise.all([installPackage(partial), unpackWheel(partial)]);
    await buildAddon(partial);
    try {
      renameSync(partial, folder);
    } catch (error) {
      // Another test file was faster.
      if (!existsSync(folder)) throw error;
    }
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
  return folder;
}

/**
 * The packages from npm, without their install scripts.
 * @param {string} folder
 */
async function installPackage(folder) {
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true }));
  const packages = [`@tensorflow/tfjs-node@${packageVersion}`, 'node-api-headers@1.9.0'];
  await mustRun('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', ...packages], {
    cwd: folder,
    env: cleanNpmEnvironment(),
  });
}

/**
 * libtensorflow and its headers, in `folder/wheel`.
 * @param {string} folder
 */
async function unpackWheel(folder) {
  const python = await pythonWithPip();
  const wheels = join(folder, 'wheel');
  const wanted = ['--python-version', wheelPython, '--platform', 'manylinux2014_x86_64', '--only-binary=:all:'];
  await mustRun(python, [
    ...['-m', 'pip', 'download', '--quiet', '--no-deps', ...wanted, '--dest', wheels],
    `tensorflow-cpu==${tensorFlowVersion}`,
  ]);
  const wheel = readdirSync(wheels).find((name) => name.endsWith('.whl'));
  if (wheel === undefined) throw new Obstacle(`pip downloaded no wheel of TensorFlow ${tensorFlowVersion}.`);
  const unpack = `
import sys, zipfile
wheel, folder = sys.argv[1:]
with zipfile.ZipFile(wheel) as archive:
    for name in archive.namelist():
        if name.startswith(('tensorflow/libtensorflow', 'tensorflow/include/tensorflow/', 'tensorflow/include/tsl/')):
            archive.extract(name, folder)
`;
  await mustRun(python, ['-c', unpack, join(wheels, wheel), wheels]);
  rmSync(join(wheels, wheel));
}

/** @returns {Promise<string>} */
async function pythonWithPip() {
  for (const python of [process.env.VOXEL_LOOP_PYTHON, 'python3', '/usr/bin/python3']) {
    if (python === undefined) continue;
    const works = await mustRun(python, ['-c', 'import pip']).then(
      () => true,
      () => false,
    );
    if (works) return python;
  }
  const pip = { name: 'python3-pip', isPresent: () => existsSync('/usr/lib/python3/dist-packages/pip') };
  await ensureSystemPackages([pip], 'to download TensorFlow');
  return '/usr/bin/python3';
}

/**
 * The addon, where the package looks for it, and libtensorflow, where the addon does.
 * @param {string} folder
 */
async function buildAddon(folder) {
  const module = join(folder, 'node_modules/@tensorflow/tfjs-node');
  const libraries = join(module, 'deps/lib');
  const addonFolder = join(module, 'lib/napi-v8');
  mkdirSync(libraries, { recursive: true });
  mkdirSync(addonFolder, { recursive: true });
  const unpacked = join(folder, 'wheel/tensorflow');
  renameSync(join(unpacked, 'include'), join(module, 'deps/include'));
  for (const name of ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2']) {
    renameSync(join(unpacked, name), join(libraries, name));
  }
  // By the names that the package's own libtensorflow has.
  symlinkSync('libtensorflow_cc.so.2', join(libraries, 'libtensorflow.so.2'));
  const napi = join(folder, 'node_modules/node-api-headers/include');
  await mustRun(
    'g++',
    [
      ...['-shared', '-fPIC', '-O2', '-std=c++17', '-DNAPI_VERSION=8'],
      ...['-I', napi, '-I', '.', '-I', '..', '-I', 'deps/include'],
      ...['binding/tfjs_backend.cc', 'binding/tfjs_binding.cc', '-o', join(addonFolder, 'tfjs_binding.node')],
      ...[
        '-Ldeps/lib',
        '-l:libtensorflow.so.2',
        '-l:libtensorflow_framework.so.2',
        '-Wl,-rpath,$ORIGIN/../../deps/lib',
      ],
    ],
    { cwd: module },
  );
}
