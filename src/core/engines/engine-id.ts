import * as v from 'valibot';

/**
 * These engines can run a network. Their order is that of lists for the user: first those that need a GPU, then those
 * that run everywhere.
 */
export const engineId = v.picklist(['cuda', 'webgpu', 'coreml', 'directml', 'tensorflow', 'cpu', 'wasm']);
export type EngineId = v.InferOutput<typeof engineId>;

/** A user can ask for one of these. `auto` is the fastest that agrees with the CPU. */
export const engineChoice = v.picklist(['auto', ...engineId.options]);
export type EngineChoice = v.InferOutput<typeof engineChoice>;
