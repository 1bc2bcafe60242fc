import { type ChildProcess, fork } from 'node:child_process';
import type { EngineTransport } from '../transport.ts';
import { forkArguments } from './fork-arguments.ts';
import { processPort } from './process-port.ts';

/** A process that is asked to end and does not within this time is killed. */
const KILL_AFTER_MS = 2000;

/**
 * Runs engines as child processes of this one.
 *
 * In Electron (desktop VS Code) `process.execPath` is not plain Node, hence ELECTRON_RUN_AS_NODE. A child ends itself
 * when this process goes away.
 *
 * @param entry the built program of the engine (`dist/engine.js`)
 */
export function forkTransport(entry: string): EngineTransport {
  return {
    start(settings) {
      const child = fork(entry, forkArguments(settings), {
        env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
        execArgv: [],
        stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      });
      forwardLines(child, settings.onOutput);
      const ended = endOf(child);
      return {
        pid: child.pid,
        port: processPort(child),
        ended,
        async stop() {
          if (child.connected) child.disconnect();
          const timer = setTimeout(() => child.kill('SIGKILL'), KILL_AFTER_MS);
          await ended;
          clearTimeout(timer);
        },
      };
    },
  };
}

async function endOf(child: ChildProcess): Promise<string> {
  // It ends by itself when we go, but not while native code computes, which can take minutes.
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  const how = await new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(signal ? `signal ${signal}` : `exit code ${code}`));
  });
  process.off('exit', kill);
  return how;
}

/** Native libraries write to stdout and stderr by themselves. */
function forwardLines(child: ChildProcess, onOutput: (line: string) => void): void {
  for (const stream of [child.stdout, child.stderr]) {
    let rest = '';
    stream?.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) if (line.trim() !== '') onOutput(line);
    });
  }
}
