import { join } from 'node:path';
import type { EngineFolders } from '../core/engines/engine-packages.ts';
import { forkTransport } from '../node/engine-link/fork/fork-transport.ts';
import { type RunningEngine, startEngine } from '../node/engine-link/start-engine.ts';
import type { CommandIo } from './command.ts';

interface EngineWishes {
  /** Warnings and worse are shown of what the process logs; with this, or with VOXEL_LOOP_DEBUG, everything is. */
  readonly showsAll?: boolean;
  /** The folders into which packages of engines were installed. */
  readonly folders?: EngineFolders;
}

/** Runs `work` with a compute process of its own, which ends with it. */
export async function withEngine<Result>(
  io: Pick<CommandIo, 'note'>,
  work: (endpoint: RunningEngine['endpoint']) => Promise<Result>,
  { showsAll = false, folders }: EngineWishes = {},
): Promise<Result> {
  const engine = startEngine(forkTransport(join(__dirname, 'engine.js')), {
    folders,
    onLog: (level, message) => {
      if (process.env.VOXEL_LOOP_DEBUG || showsAll || level !== 'info') io.note(message);
    },
  });
  try {
    return await work(engine.endpoint);
  } finally {
    await engine.stop();
  }
}
