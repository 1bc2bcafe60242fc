import { spawn } from 'node:child_process';
import { copyFileSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { buildAll } from '../../esbuild.mjs';

const repositoryRoot = resolve(import.meta.dirname, '../..');
/** Within the repository, so that the engine finds its native packages; apart from dist/, which others may be using. */
const home = join(repositoryRoot, '.e2e', 'cli');

export interface CliOutcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Builds the programs as users get them. Once per test file. */
export async function buildCli(): Promise<void> {
  await buildAll({ outputFolder: join(home, 'dist') });
  mkdirSync(home, { recursive: true });
  copyFileSync(join(repositoryRoot, 'package.json'), join(home, 'package.json'));
}

/** Runs `voxel-loop ...args` as a process of its own, to its end. */
export function cli(...args: string[]): Promise<CliOutcome> {
  return startCli(args).outcome;
}

/**
 * Starts `voxel-loop ...args` and presses Ctrl+C, as a terminal does it (every process of the job gets the signal), once
 * `interruptAt` is true of what stderr said so far. A batch system that ends a job does the same with SIGTERM.
 */
export function startCli(
  args: readonly string[],
  interruptAt: (stderr: string) => boolean = () => false,
  interruptWith: 'SIGINT' | 'SIGTERM' = 'SIGINT',
): { readonly outcome: Promise<CliOutcome> } {
  const child = spawn(process.execPath, [join(home, 'dist', 'cli.js'), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    // A process group of its own, so that the signal does not reach the tests.
    detached: true,
  });
  let interrupted = false;
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    if (interrupted || !interruptAt(stderr)) return;
    interrupted = true;
    process.kill(-(child.pid as number), interruptWith);
  });
  const outcome = new Promise<CliOutcome>((settle, fail) => {
    child.once('error', fail);
    child.once('close', (code) => settle({ code, stdout, stderr }));
  });
  return { outcome };
}

/**
 * Starts `voxel-loop ...args` and kills it and its compute process, as a power cut would, as soon as `isTime`.
 * @returns false: it ended before
 */
export async function killCli(args: readonly string[], isTime: () => boolean): Promise<boolean> {
  const child = spawn(process.execPath, [join(home, 'dist', 'cli.js'), ...args], { stdio: 'ignore', detached: true });
  const closed = new Promise<boolean>((settle, fail) => {
    child.once('error', fail);
    child.once('close', (_code, signal) => settle(signal === 'SIGKILL'));
  });
  const watch = setInterval(() => {
    if (!isTime()) return;
    clearInterval(watch);
    process.kill(-(child.pid as number), 'SIGKILL');
  }, 5);
  return closed.finally(() => clearInterval(watch));
}
