import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { EnginePackageError } from '../engine-package-error.ts';

/** The reason why TensorFlow does not run. */
type TensorFlowProblem =
  /** No folder was named, or there is no such package in it. */
  | 'not-installed'
  /** The package has no build for this platform. */
  | 'platform'
  /** The package is there, but not the native libraries that its install script downloads. */
  | 'library-missing'
  /** The package for the GPU finds no GPU: CUDA, cuDNN or the driver is missing. */
  | 'no-gpu'
  /** The package is whole, but does not load. */
  | 'broken';

/** TensorFlow.js does not run here. */
export class TensorFlowError extends EnginePackageError {
  constructor(
    readonly problem: TensorFlowProblem,
    message: string,
  ) {
    super(message);
  }
}

/** A package of TensorFlow.js with native libraries, as it lies on the disk. */
export interface TensorFlowPackage {
  /** The absolute path of the package. */
  readonly folder: string;
  readonly name: PackageName;
  readonly version: string;
  readonly isForGpu: boolean;
}

type PackageName = '@tensorflow/tfjs-node-gpu' | '@tensorflow/tfjs-node';

interface PackageFacts {
  readonly name: PackageName;
  /** The platforms and architectures for which its install script can download libraries. */
  readonly builds: readonly string[];
  readonly buildsInWords: string;
}

/** The package for the GPU comes first: where both are installed, it is wanted. */
const PACKAGES: readonly PackageFacts[] = [
  {
    name: '@tensorflow/tfjs-node-gpu',
    builds: ['linux-x64', 'win32-x64'],
    buildsInWords: 'Linux x64 and Windows x64',
  },
  {
    name: '@tensorflow/tfjs-node',
    builds: ['linux-x64', 'win32-x64', 'darwin-x64'],
    buildsInWords: 'Linux x64, Windows x64 and Intel Macs',
  },
];

/**
 * Finds TensorFlow.js without loading it.
 *
 * @param folder the package, or a folder that it was installed into
 * @param platform the platform and architecture that it would run on, as "linux-x64"
 * @throws TensorFlowError where it is not there, or not whole
 */
export function findTensorFlow(folder: string, platform = `${process.platform}-${process.arch}`): TensorFlowPackage {
  for (const facts of PACKAGES) {
    for (const candidate of [folder, join(folder, 'node_modules', facts.name), join(folder, facts.name)]) {
      const version = versionOf(candidate, facts.name);
      if (version === null) continue;
      requireLibraries(candidate, version, facts, platform);
      return { folder: candidate, name: facts.name, version, isForGpu: facts.name === PACKAGES[0]?.name };
    }
  }
  throw new TensorFlowError(
    'not-installed',
    `There is no ${PACKAGES.map(({ name }) => name).join(' or ')} in ${folder}: name the folder that it was installed into, or install it with "Voxel Loop: Install TensorFlow GPU Engine".`,
  );
}

/** The version of the package in this folder; it is null if the folder is not that package. */
function versionOf(folder: string, name: PackageName): string | null {
  try {
    const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Record<string, unknown>;
    return manifest.name === name && typeof manifest.version === 'string' ? manifest.version : null;
  } catch {
    // Nothing is there, or no package, so the next place is looked at.
    return null;
  }
}

/**
 * Checks what the install script brings: npm installs the package without it where scripts are switched off. @throws
 * TensorFlowError
 */
function requireLibraries(
  folder: string,
  version: string,
  { name, builds, buildsInWords }: PackageFacts,
  platform: string,
): void {
  const addons = filesIn(join(folder, 'lib')).map((napi) => join(folder, 'lib', napi, 'tfjs_binding.node'));
  const libraries = [join(folder, 'deps', 'lib'), ...addons.map((addon) => join(addon, '..'))].flatMap(filesIn);
  const hasAddon = addons.some((addon) => existsSync(addon));
  // The names are, for instance, libtensorflow.so.2.9.1, libtensorflow.2.dylib and tensorflow.dll.
  if (hasAddon && libraries.some((file) => /^(lib)?tensorflow\.(so|dylib|dll|2)/.test(file))) return;
  if (!builds.includes(platform)) {
    throw new TensorFlowError(
      'platform',
      `${name} has no build for ${platform}, only for ${buildsInWords}: use another engine.`,
    );
  }
  throw new TensorFlowError(
    'library-missing',
    `${name} ${version} in ${folder} has no ${hasAddon ? 'libtensorflow' : 'native library'}: its install script did not run or could not download it, so install it again.`,
  );
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
