import type { VoxelLoopExports } from '../api.ts';
import type { Services } from '../services.ts';
import { OperationError, operations } from './operations.ts';
import { registerTools } from './tools.ts';

/** Registers what others may call: the tools for language models, and what `activate()` gives to other extensions. */
export function registerAgents(services: Services): VoxelLoopExports {
  const api = operations(services);
  services.context.subscriptions.push(registerTools(api));
  return {
    getApi: (version) => {
      // Callers may be written in JavaScript, so the version is checked at run time.
      if (version === api.version) return api;
      throw new OperationError(
        `This Voxel Loop has version 1 of its API, not version ${version}: update the one that is older.`,
      );
    },
  };
}
