// A Python with nibabel: the reference reader that the tests hold our files against. The product needs none.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { mustRun, Obstacle, run } from './command.mjs';
import { ensureSystemPackages } from './debian-packages.mjs';
import { cacheFolder } from './paths.mjs';

const environmentFolder = join(cacheFolder, 'python');
const environmentPython = join(environmentFolder, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python');

/**
 * @param {string} python
 * @param {string} statement
 */
async function canRun(python, statement) {
  try {
    return (await run(python, ['-c', statement])).exitCode === 0;
  } catch {
    return false; // there is no such program
  }
}

/** @returns {Promise<string | undefined>} a Python of this machine that imports nibabel */
export async function findPython() {
  const chosen = process.env.VOXEL_LOOP_PYTHON;
  const candidates = [...(chosen === undefined ? [] : [chosen]), 'python3', '/usr/bin/python3', environmentPython];
  for (const python of candidates) if (await canRun(python, 'import nibabel')) return python;
  return undefined;
}

/**
 * @returns {Promise<string>} a Python that imports nibabel: `VOXEL_LOOP_PYTHON`, the one on the PATH, Debian's (its
 *   package is installed where the script may), or a virtual environment in the cache folder
 */
export async function ensurePython() {
  const found = await findPython();
  if (found !== undefined) return found;
  if (existsSync('/etc/debian_version') && process.getuid?.() === 0) {
    const isPresent = () => existsSync('/usr/lib/python3/dist-packages/nibabel');
    await ensureSystemPackages([{ name: 'python3-nibabel', isPresent }], 'to read the saved files with nibabel');
    return '/usr/bin/python3';
  }
  for (const python of ['python3', 'python']) {
    if (!(await canRun(python, 'import venv, ensurepip'))) continue;
    console.log('Making a Python environment with nibabel ...');
    await mustRun(python, ['-m', 'venv', environmentFolder]);
    await mustRun(environmentPython, ['-m', 'pip', 'install', '--quiet', 'nibabel']);
    return environmentPython;
  }
  throw new Obstacle('The tests read files back with nibabel: install Python 3 with venv and run the command again.');
}
