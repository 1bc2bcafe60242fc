import { randomUUID } from 'node:crypto';
import type { EngineFolders } from '../../core/engines/engine-packages.ts';
import { Endpoint, type Handlers } from '../../core/protocol/endpoint.ts';
import {
  type EngineContract,
  type EngineParentContract,
  engineContract,
  engineParentContract,
} from '../../core/protocol/engine/engine-contract.ts';
import { userCacheFolder } from '../files/user-cache-folder.ts';
import { EngineDiedError } from './engine-died-error.ts';
import { noteEngineCrash } from './engine-verdicts.ts';
import type { EngineTransport } from './transport.ts';

export interface EngineOptions {
  /** The number of threads that networks may use; without it, all cores are used. */
  readonly threads?: number;
  /** The folders into which packages of engines were installed. */
  readonly folders?: EngineFolders | undefined;
  /** True if the engine runs at low priority, so that the user's machine stays quick. */
  readonly background?: boolean;
  readonly onLog: (level: 'info' | 'warning' | 'error', message: string) => void;
}

export interface RunningEngine {
  /** The id of the process on this machine; it is undefined if there is none. */
  readonly pid: number | undefined;
  readonly endpoint: Endpoint<EngineParentContract, EngineContract>;
  /** Resolves when the engine is gone, with the way it ended ("exit code 1", "signal SIGKILL"). */
  readonly exited: Promise<string>;
  /** Asks it to end, and ends it if it does not in a short time. */
  stop(): Promise<void>;
}

/** Starts an engine. Its open requests are rejected with `EngineDiedError` when it is gone. */
export function startEngine(transport: EngineTransport, options: EngineOptions): RunningEngine {
  const name = randomUUID();
  const started = transport.start({
    name,
    ...(options.threads !== undefined && { threads: options.threads }),
    folders: options.folders ?? {},
    priority: options.background ? 'background' : 'normal',
    onOutput: (line) => options.onLog('info', line),
  });
  const handlers: Handlers<EngineParentContract> = {
    'on:log': ({ level, message }) => options.onLog(level, message),
  };
  const endpoint = new Endpoint(started.port, engineParentContract, handlers, engineContract, (error) =>
    options.onLog('error', error.stack ?? error.message),
  );
  let isStopped = false;
  const exited = started.ended.then(async (how) => {
    if (!isStopped) await noteEngineCrash(userCacheFolder(), name);
    endpoint.close(new EngineDiedError(how));
    return how;
  });
  return {
    pid: started.pid,
    endpoint,
    exited,
    async stop() {
      isStopped = true;
      await started.stop();
      await exited;
    },
  };
}
