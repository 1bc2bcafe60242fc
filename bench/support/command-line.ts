import { spawnSync } from 'node:child_process';
import path from 'node:path';
import process from 'node:process';

/** Builds `dist/`, so that a bench measures the code as it is. */
export function buildProduct(): void {
  run(['esbuild.mjs'], 'inherit');
}

/**
 * Runs `voxel-loop` as a user would; its progress goes to the terminal.
 *
 * @returns what it printed on stdout
 * @throws Error if it did not end with 0
 */
export function voxelLoop(...args: readonly string[]): string {
  return run([path.join('dist', 'cli.js'), ...args], 'pipe');
}

function run(args: readonly string[], stdout: 'inherit' | 'pipe'): string {
  const result = spawnSync(process.execPath, args, {
    stdio: ['ignore', stdout, 'inherit'],
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (result.status !== 0) throw new Error(`${args.slice(0, 3).join(' ')} ended with ${result.status}`);
  return result.stdout ?? '';
}
