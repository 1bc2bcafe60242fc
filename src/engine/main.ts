import { existsSync, readFileSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { readForkArguments } from '../node/engine-link/fork/fork-arguments.ts';
import { processPort } from '../node/engine-link/fork/process-port.ts';
import { serveEngine } from './serve-engine.ts';

/**
 * Whoever labels goes first. On Windows the lowest class runs only when nothing else wants to, which on a busy machine
 * is never.
 */
const { PRIORITY_BELOW_NORMAL, PRIORITY_LOW } = constants.priority;
const BACKGROUND_PRIORITY = process.platform === 'win32' ? PRIORITY_BELOW_NORMAL : PRIORITY_LOW;

/** The compute process: the other end of `forkTransport`. */
function main(): void {
  if (!process.send) {
    process.stderr.write('This is the compute process of Voxel Loop: it is started by the extension or the CLI.\n');
    process.exitCode = 2;
    return;
  }
  const settings = readForkArguments(process.argv);
  if (settings.priority === 'background') setPriority(BACKGROUND_PRIORITY);
  const endpoint = serveEngine(processPort(process), settings, {
    version: productVersion(),
    workerFiles: {
      loader: join(__dirname, 'loader-worker.js'),
      checkpoints: join(__dirname, 'checkpoint-worker.js'),
    },
  });
  // The parent is gone, or has let go, so nobody will hear an answer. Work in a native library cannot be waited for.
  process.on('disconnect', () => process.exit(0));
  // A terminal sends Ctrl+C to every process of the job, a batch system SIGTERM when a job's time is over. The parent
  // decides what that means: keep the best so far.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined);
  process.on('unhandledRejection', (reason) => {
    const message = reason instanceof Error ? (reason.stack ?? reason.message) : String(reason);
    endpoint.emit('log', { level: 'error', message });
  });
}

/** Tests start this program apart from the product. */
function productVersion(): string {
  const path = join(__dirname, '..', 'package.json');
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version : 'none';
}

main();
