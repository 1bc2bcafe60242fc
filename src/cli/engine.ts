import { join, resolve } from 'node:path';
import { type EngineProcess, startEngineProcess } from '../node/engine-link/engine-process.ts';
import type { CommandIo } from './command.ts';

interface EngineWishes {
  /** Warnings and worse are shown of what the process logs; with this, or with VOXEL_LOOP_DEBUG, everything is. */
  readonly showsAll?: boolean;
  /** The folder into which TensorFlow.js was installed (`--tensorflow`). */
  readonly tensorFlow?: string | undefined;
}

/** Runs `work` with a compute process of its own, which ends with it. */
export async function withEngine<Result>(
  io: Pick<CommandIo, 'note'>,
  work: (endpoint: EngineProcess['endpoint']) => Promise<Result>,
  { showsAll = false, tensorFlow }: EngineWishes = {},
): Promise<Result> {
  const engine = startEngineProcess({
    entry: join(__dirname, 'engine.js'),
    ...(tensorFlow !== undefined && { tensorFlowFolder: resolve(tensorFlow) }),
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
