import { type ChildProcess, spawn } from 'node:child_process';
import process from 'node:process';

/** Keeps so many cores busy until `stop`, as other programs of a user's machine do. */
export function keepCoresBusy(cores: number): { stop(): Promise<void> } {
  const processes = Array.from({ length: cores }, () =>
    // It ends by itself where nobody ended it.
    spawn(process.execPath, ['-e', 'const end = Date.now() + 300_000; while (Date.now() < end);'], { stdio: 'ignore' }),
  );
  return {
    stop: async () => {
      await Promise.all(processes.map(ended));
    },
  };
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.kill('SIGKILL');
  });
}
