// `npm run package [-- --target linux-x64]`: the installable extension (VSIX) of one platform, in dist-vsix/.
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { buildAll } from '../esbuild.mjs';
import { cleanNpmEnvironment, mustRun, Obstacle, runMain } from './harness/command.mjs';
import { repositoryRoot } from './harness/paths.mjs';

/** The platforms that onnxruntime-node brings native libraries for, as VS Code's marketplace names them. */
const nativeTargets = ['linux-x64', 'linux-arm64', 'darwin-arm64', 'win32-x64', 'win32-arm64'];

/** These run networks as WebAssembly alone. */
const targets = [...nativeTargets, 'darwin-x64', 'alpine-x64', 'alpine-arm64'];

/** What the extension shows or reads besides its bundles; taken where it is. */
const shipped = ['README.md', 'CHANGELOG.md', 'LICENSE', 'media', 'docs/screenshots'];

/** Packages that stay packages in dist/node_modules, with the files of them that run. */
const runtimePackages = [
  // Its install metadata says where the CUDA library of its version is published.
  {
    name: 'onnxruntime-node',
    files: ['package.json', 'dist', 'script/install-metadata.js', 'script/install-metadata-versions.js'],
  },
  // The native runtime asks for the one, WebAssembly's for the other.
  { name: 'onnxruntime-common', files: ['package.json', 'dist/cjs', 'dist/esm'] },
  // Everywhere: on an old system the native library may not load.
  {
    name: 'onnxruntime-web',
    files: [
      'package.json',
      'dist/ort.node.min.mjs',
      'dist/ort-wasm-simd-threaded.mjs',
      'dist/ort-wasm-simd-threaded.wasm',
    ],
  },
];

/** Licence texts of the packages that bring none in their npm package. */
const keptLicences = new Map(runtimePackages.map(({ name }) => [name, 'scripts/licences/onnxruntime.txt']));

/**
 * What ONNX Runtime's native and WebAssembly libraries link in, with its licences. The npm packages do not bring the text: it is
 * the `ThirdPartyNotices.txt` of the same version, as ONNX Runtime's package for Python has it.
 */
function linkedIntoRuntime() {
  const { version } = JSON.parse(
    readFileSync(join(repositoryRoot, 'node_modules/onnxruntime-node/package.json'), 'utf8'),
  );
  const path = `scripts/licences/onnxruntime-${version}-third-party.txt`;
  if (!existsSync(join(repositoryRoot, path))) {
    throw new Obstacle(
      `${path} is missing: put ThirdPartyNotices.txt of ONNX Runtime ${version} there (its Python package has it).`,
    );
  }
  const text = readFileSync(join(repositoryRoot, path), 'utf8').trim();
  return `The libraries of onnxruntime-node and onnxruntime-web ${version} contain what follows.\n\n${text}\n`;
}

/**
 * The licences of everything that ships and is not ours.
 * @param {readonly string[]} bundledFiles from `buildAll`
 */
export function thirdPartyNotices(bundledFiles) {
  const bundled = bundledFiles.flatMap((file) => /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1] ?? []);
  const names = [...new Set([...bundled, ...runtimePackages.map((each) => each.name)])].sort();
  const notices = names.map((name) => {
    const folder = join(repositoryRoot, 'node_modules', name);
    const { version, license, homepage, repository } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const home = homepage ?? repository?.url ?? repository ?? '';
    const own = ['LICENSE', 'LICENSE.md', 'LICENSE.txt', 'license'].map((each) => join(folder, each)).find(existsSync);
    const kept = keptLicences.get(name);
    const file = own ?? (kept === undefined ? undefined : join(repositoryRoot, kept));
    if (file === undefined) throw new Obstacle(`${name} brings no licence text: add its own to scripts/licences/.`);
    const text = readFileSync(file, 'utf8').trim();
    return `${name} ${version} (${license}) ${home}\n\n${text}\n`;
  });
  const all = [...notices, linkedIntoRuntime()];
  return `Voxel Loop ships with the following software.\n\n${all.join(`\n${'-'.repeat(80)}\n\n`)}`;
}

/**
 * ONNX Runtime as it ships for one platform.
 * @param {string} target
 * @param {string} folder the `node_modules` beside the engine
 */
export function copyRuntime(target, folder) {
  const [platform = '', architecture = ''] = target.split('-');
  const native = `bin/napi-v6/${platform}/${architecture}`;
  for (const { name, files } of runtimePackages) {
    const isNative = name === 'onnxruntime-node';
    if (isNative && !nativeTargets.includes(target)) continue;
    for (const path of isNative ? [...files, native] : files) {
      const destination = join(folder, name, path);
      mkdirSync(dirname(destination), { recursive: true });
      cpSync(join(repositoryRoot, 'node_modules', name, path), destination, {
        recursive: true,
        filter: (file) => !/\.(d\.ts|map)$/.test(file),
      });
    }
  }
}

/**
 * Builds and packs the extension for one platform.
 * @param {{ target?: string }} [options] absent: this machine's platform
 * @returns {Promise<string>} the path of the VSIX
 */
export async function packageExtension({ target = `${process.platform}-${process.arch}` } = {}) {
  if (!targets.includes(target)) {
    throw new Obstacle(`There is no package for ${target}; the platforms are ${targets.join(', ')}.`);
  }
  const manifest = JSON.parse(readFileSync(join(repositoryRoot, 'package.json'), 'utf8'));
  // Packed from a folder of its own that holds what ships and nothing else.
  const stage = join(repositoryRoot, 'dist-vsix', target);
  rmSync(stage, { recursive: true, force: true });
  mkdirSync(stage, { recursive: true });

  const bundledFiles = await buildAll({ production: true, outputFolder: join(stage, 'dist') });
  const { devDependencies: _, scripts: __, private: ___, ...shippedManifest } = manifest;
  writeFileSync(join(stage, 'package.json'), JSON.stringify(shippedManifest, undefined, 2));
  writeFileSync(join(stage, 'ThirdPartyNotices.txt'), thirdPartyNotices(bundledFiles));
  for (const path of shipped) {
    const source = join(repositoryRoot, path);
    if (existsSync(source)) cpSync(source, join(stage, path), { recursive: true });
  }
  copyRuntime(target, join(stage, 'dist/node_modules'));

  const vsix = join(repositoryRoot, 'dist-vsix', `${manifest.name}-${target}-${manifest.version}.vsix`);
  await mustRun(
    process.execPath,
    [
      join(repositoryRoot, 'node_modules/@vscode/vsce/vsce'),
      ...['package', '--no-dependencies', '--target', target, '--out', vsix],
      ...['--allow-missing-repository', '--no-rewrite-relative-links'],
    ],
    { cwd: stage, env: cleanNpmEnvironment() },
  );
  rmSync(stage, { recursive: true });
  return vsix;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await runMain(async () => {
    const { values } = parseArgs({ options: { target: { type: 'string' } } });
    const chosen = values.target === 'all' ? targets : [values.target];
    for (const target of chosen) {
      console.log(await packageExtension(target === undefined ? {} : { target }));
    }
  });
}
