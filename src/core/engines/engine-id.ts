import * as v from 'valibot';

/** What can run a network. The order is that of lists for the user: what needs a GPU, then what runs everywhere. */
export const engineId = v.picklist(['cuda', 'webgpu', 'coreml', 'directml', 'tensorflow', 'cpu', 'wasm']);
export type EngineId = v.InferOutput<typeof engineId>;

/** What a user can ask for. `auto`: the fastest that agrees with the CPU. */
export const engineChoice = v.picklist(['auto', ...engineId.options]);
export type EngineChoice = v.InferOutput<typeof engineChoice>;
