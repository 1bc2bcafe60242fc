import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NetworkEngine } from '../../core/net/graph/network-engine.ts';
import type { StartOptions } from '../engines/engine-module.ts';
import { nodePlacement } from '../engines/onnx-runtime/node-placement.ts';
import { runTrial } from './trial.ts';

/**
 * Says how much of its graphs an engine leaves to the CPU, in words to be put behind its findings. The text is empty
 * where it runs all of them itself. It goes by ONNX Runtime's own record of the trial's tasks; what a provider takes
 * over in one piece counts as one node.
 *
 * @param start starts the engine with these options
 */
export async function splitInWords(start: (options: StartOptions) => Promise<NetworkEngine>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'voxel-loop-profile-'));
  try {
    const profilePrefix = join(folder, 'profile');
    const engine = await start({ profilePrefix });
    try {
      await runTrial(engine, 1);
    } finally {
      await engine.close();
    }
    const { counts } = nodePlacement(profilePrefix);
    const all = Object.values(counts).reduce((sum, count) => sum + count, 0);
    if (all === 0) throw new Error('there is no record');
    const onCpu = counts.CPUExecutionProvider ?? 0;
    return onCpu === 0 ? '' : ` (${onCpu} of ${all} nodes of its graphs run on the CPU)`;
  } catch (error) {
    // What the engine is worth was found out without it, so this is no failure.
    return ` (what of its graphs runs on the CPU could not be counted: ${error instanceof Error ? error.message : error})`;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
