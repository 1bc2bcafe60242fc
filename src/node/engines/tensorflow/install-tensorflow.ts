import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import process from 'node:process';
import { type CancelSignal, throwIfCancelled } from '../../../core/cancel.ts';
import { CancelledError, VoxelLoopError } from '../../../core/errors.ts';
import { fileAccessError } from '../../files/file-access-error.ts';
import { GuardedFolder } from '../../files/guarded-folder.ts';
import { takeLock } from '../../files/process-lock.ts';
import type { InstallOptions } from '../engine-installer.ts';
import { findTensorFlow } from './tensorflow-package.ts';

/** The newest version is installed, which brings libtensorflow 2.9.1 for CUDA 11.2. */
export const tensorFlowPackage = { name: '@tensorflow/tfjs-node-gpu', version: '4.22.0' } as const;

/** TensorFlow.js could not be installed. */
export class TensorFlowInstallError extends VoxelLoopError {
  readonly code = 'tensorflow-install';
}

const PROGRESS_MS = 1000;
const KILL_AFTER_MS = 2000;

/** Tells whether the package has builds for this platform: others have nothing to download. */
export function hasTensorFlowGpuBuild(): boolean {
  return ['linux-x64', 'win32-x64'].includes(`${process.platform}-${process.arch}`);
}

/**
 * Installs the package with npm and runs its install script, which downloads libtensorflow. The folder appears, or
 * replaces the one before, only when all of it is there.
 *
 * @param folder `node_modules` will lie in this folder
 * @throws TensorFlowInstallError, CancelledError, FileAccessError
 */
export async function installTensorFlow(folder: string, { signal, onProgress }: InstallOptions): Promise<void> {
  throwIfCancelled(signal);
  const npm = findNpm();
  await mkdir(dirname(folder), { recursive: true });
  const lock = await takeLock(`${folder}.lock`, new GuardedFolder(dirname(folder)));
  if ('heldBy' in lock) {
    throw new TensorFlowInstallError('Another window is installing TensorFlow: wait until it has finished.');
  }
  const partial = `${folder}.partial`;
  try {
    await rm(partial, { recursive: true, force: true });
    await mkdir(partial);
    // Without a package of its own npm would look for one in the folders above.
    await writeFile(join(partial, 'package.json'), '{ "private": true }\n');
    const watch = setInterval(() => void megabytesIn(partial).then(onProgress), PROGRESS_MS);
    try {
      await runNpm(npm, partial, signal);
    } finally {
      clearInterval(watch);
    }
    requireWhole(partial);
    await replaceFolder(partial, folder);
  } finally {
    await rm(partial, { recursive: true, force: true, maxRetries: 3 });
    await lock.release();
  }
}

/** @throws TensorFlowInstallError */
function findNpm(): string {
  const name = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  const found = folders.map((folder) => join(folder, name)).find((file) => existsSync(file));
  if (found !== undefined) return found;
  throw new TensorFlowInstallError(
    'TensorFlow is installed with npm, which is not on the PATH: install Node.js, start VS Code again and run the command again.',
  );
}

/**
 * npm also reports success where it was kept from running the script that downloads the libraries. @throws
 * TensorFlowInstallError
 */
function requireWhole(folder: string): void {
  try {
    findTensorFlow(folder);
  } catch (cause) {
    throw new TensorFlowInstallError(
      "npm has installed the package without TensorFlow's own libraries, so nothing was changed: check that npm may run install scripts and reach the network, then run the command again.",
      { cause },
    );
  }
}

/** @throws TensorFlowInstallError, CancelledError */
async function runNpm(npm: string, folder: string, signal: CancelSignal): Promise<void> {
  throwIfCancelled(signal);
  const { name, version } = tensorFlowPackage;
  const options = ['--no-audit', '--no-fund', '--loglevel=error', '--ignore-scripts=false'];
  const isWindows = process.platform === 'win32';
  // On Windows npm is a batch file, which only a shell can start. Elsewhere it gets a process group of its own, because
  // it starts others.
  const child = spawn(isWindows ? `"${npm}"` : npm, ['install', '--prefix', '.', ...options, `${name}@${version}`], {
    cwd: folder,
    shell: isWindows,
    detached: !isWindows,
    windowsHide: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const end = () => endTree(child);
  signal.addEventListener('abort', end);
  process.once('exit', end);
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    if (signal.aborted) throw new CancelledError();
    if (code !== 0) throw new TensorFlowInstallError(whyItFailed(output), { cause: output });
  } catch (error) {
    if (error instanceof VoxelLoopError) throw error;
    throw new TensorFlowInstallError('npm does not start: check that `npm --version` runs in a terminal.', {
      cause: error,
    });
  } finally {
    signal.removeEventListener('abort', end);
    process.off('exit', end);
  }
}

function endTree(child: ChildProcess): void {
  if (child.pid === undefined) return;
  if (process.platform === 'win32') {
    spawn('taskkill', ['/pid', String(child.pid), '/t', '/f'], { stdio: 'ignore', windowsHide: true });
    return;
  }
  const group = -child.pid;
  signalGroup(group, 'SIGTERM');
  const timer = setTimeout(() => signalGroup(group, 'SIGKILL'), KILL_AFTER_MS);
  child.once('close', () => clearTimeout(timer));
}

function signalGroup(group: number, signal: 'SIGTERM' | 'SIGKILL'): void {
  try {
    process.kill(group, signal);
  } catch (error) {
    // It ended by itself.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** npm tells the whole story of a failed install script; the line that says why is somewhere in it. */
function whyItFailed(output: string): string {
  const lines = output.split('\n').map((line) => line.replace(/^npm (error|ERR!)\s*/, '').trim());
  const reason =
    lines.find((line) => /^(Error: |\w*Error: )/.test(line)) ??
    lines.find((line) => line !== '' && !/^(code|path|command|errno|syscall)\b/.test(line)) ??
    'it does not say why';
  const words = reason.replace(/^\w*Error: /, '').slice(0, 200);
  return `npm could not install TensorFlow (${words}): check the network and the disk, then run the command again. The log has all that npm said.`;
}

/** @throws FileAccessError on Windows, where the old folder is in use */
async function replaceFolder(from: string, to: string): Promise<void> {
  try {
    await rm(to, { recursive: true, force: true, maxRetries: 3 });
    await rename(from, to);
  } catch (error) {
    throw fileAccessError('write', to, error);
  }
}

async function megabytesIn(folder: string): Promise<number> {
  let bytes = 0;
  const visit = async (path: string): Promise<void> => {
    for (const entry of await readdir(path, { withFileTypes: true })) {
      const inside = join(path, entry.name);
      if (entry.isDirectory()) await visit(inside);
      else if (entry.isFile()) bytes += (await stat(inside)).size;
    }
  };
  // npm moves files meanwhile.
  await visit(folder).catch(() => undefined);
  return bytes / 2 ** 20;
}
