import { join } from 'node:path';
import { type EngineProcess, startEngineProcess } from '../node/engine-process.ts';
import type { CommandIo } from './command.ts';

/**
 * Runs `work` with a compute process of its own, which ends with it. What the process logs is shown if it is a warning
 * or worse; all of it with VOXEL_LOOP_DEBUG, or where the command wants the whole story.
 */
export async function withEngine<Result>(
  io: Pick<CommandIo, 'note'>,
  work: (endpoint: EngineProcess['endpoint']) => Promise<Result>,
  shows: 'everything' | 'warnings' = 'warnings',
): Promise<Result> {
  const engine = startEngineProcess({
    entry: join(__dirname, 'engine.js'),
    onLog: (level, message) => {
      if (process.env.VOXEL_LOOP_DEBUG || shows === 'everything' || level !== 'info') io.note(message);
    },
  });
  try {
    return await work(engine.endpoint);
  } finally {
    await engine.stop();
  }
}
