import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import type { EngineFolders } from '../../core/engines/engine-packages.ts';
import { VoxelLoopError } from '../../core/errors.ts';
import { Endpoint, type Handlers } from '../../core/protocol/endpoint.ts';
import {
  type EngineContract,
  type EngineParentContract,
  engineContract,
  engineParentContract,
} from '../../core/protocol/engine/engine-contract.ts';
import { userCacheFolder } from '../files/user-cache-folder.ts';
import { noteEngineCrash } from './engine-verdicts.ts';
import { processPort } from './process-port.ts';

/** The engine process died with a request open. Nothing of the user's is lost, because it holds no documents. */
export class EngineDiedError extends VoxelLoopError {
  readonly code = 'engine-died';

  /** @param exit how the process ended ("signal SIGKILL") */
  constructor(
    readonly exit: string,
    during = '',
    next = 'It will be started again when you retry.',
    readonly nextTakesAnother = false,
  ) {
    super(`The compute engine stopped unexpectedly (${exit})${during}. ${next}`);
  }

  /** The next try uses another engine (see `EngineDeaths`). */
  static ofReplaceable(exit: string, engineName: string): EngineDiedError {
    return new EngineDiedError(exit, ` while ${engineName} predicted`, 'The next try takes another engine.', true);
  }

  static ofChosen(exit: string, engineName: string): EngineDiedError {
    return new EngineDiedError(
      exit,
      ` while ${engineName} predicted`,
      'That engine was chosen: set voxelLoop.engine (--engine on the command line) to "auto" or another one before you retry.',
    );
  }
}

export interface EngineProcessOptions {
  /** The built engine entry (`dist/engine.cjs`). */
  readonly entry: string;
  /** The number of threads that networks may use; without it, all cores are used. */
  readonly threads?: number;
  /** The folders in which the packages lie that engines need. */
  readonly folders?: EngineFolders | undefined;
  /** True for low scheduling priority, so that the user's machine stays quick. */
  readonly background?: boolean;
  readonly onLog: (level: 'info' | 'warning' | 'error', message: string) => void;
}

export interface EngineProcess {
  readonly pid: number | undefined;
  readonly endpoint: Endpoint<EngineParentContract, EngineContract>;
  /** Resolves when the process is gone, with the way it ended ("exit code 1", "signal SIGKILL"). */
  readonly exited: Promise<string>;
  /** Asks it to end, and kills it if it does not within two seconds. */
  stop(): Promise<void>;
}

/**
 * Starts the compute process. In Electron (desktop VS Code) `process.execPath` is not plain Node, hence
 * ELECTRON_RUN_AS_NODE. The child ends itself when this process goes away.
 */
export function startEngineProcess(options: EngineProcessOptions): EngineProcess {
  const name = randomUUID();
  const args = [
    `--process=${name}`,
    ...(options.threads === undefined ? [] : [`--threads=${options.threads}`]),
    ...Object.entries(options.folders ?? {}).map(([id, folder]) => `--folder-${id}=${folder}`),
    ...(options.background ? ['--background'] : []),
  ];
  const child = fork(options.entry, args, {
    env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
    execArgv: [],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  forwardLines(child, options.onLog);
  const handlers: Handlers<EngineParentContract> = {
    'on:log': ({ level, message }) => options.onLog(level, message),
  };
  const endpoint = new Endpoint(processPort(child), engineParentContract, handlers, engineContract, (error) =>
    options.onLog('error', error.stack ?? error.message),
  );
  const exited = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(signal ? `signal ${signal}` : `exit code ${code}`));
  });
  // It ends by itself when we go, but not while native code computes, which can take minutes.
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  let isStopped = false;
  const ended = exited.then(async (exit) => {
    process.off('exit', kill);
    if (!isStopped) await noteEngineCrash(userCacheFolder(), name);
    endpoint.close(new EngineDiedError(exit));
    return exit;
  });
  return {
    pid: child.pid,
    endpoint,
    exited: ended,
    async stop() {
      isStopped = true;
      if (child.connected) child.disconnect();
      const timer = setTimeout(() => child.kill('SIGKILL'), 2000);
      await ended;
      clearTimeout(timer);
    },
  };
}

/** Native libraries write to stdout and stderr by themselves; that belongs in the log and nowhere else. */
function forwardLines(child: ChildProcess, onLog: EngineProcessOptions['onLog']): void {
  for (const stream of [child.stdout, child.stderr]) {
    let rest = '';
    stream?.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) if (line.trim() !== '') onLog('info', line);
    });
  }
}
