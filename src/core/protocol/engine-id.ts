import * as v from 'valibot';

/** What can run a network. The order is that of lists for the user: what needs a GPU, then what runs everywhere. */
export const engineId = v.picklist(['cuda', 'webgpu', 'coreml', 'directml', 'tensorflow', 'cpu', 'wasm']);
export type EngineId = v.InferOutput<typeof engineId>;

/** What a user can ask for. `auto`: the fastest that agrees with the CPU. */
export const engineChoice = v.picklist(['auto', ...engineId.options]);
export type EngineChoice = v.InferOutput<typeof engineChoice>;

const slicesPerSecond = v.nullable(v.pipe(v.number(), v.minValue(0)));

/** What one engine is worth on this machine, found out by trying it. */
export const engineVerdict = v.strictObject({
  starts: v.boolean(),
  /** It predicts what the CPU predicts. */
  predicts: v.boolean(),
  /** It trains as the CPU does. */
  trains: v.boolean(),
  /** Of a small task of its own; null: not measured, because it is not usable. */
  predictSlicesPerSecond: slicesPerSecond,
  trainSlicesPerSecond: slicesPerSecond,
  /** In a few words: how exactly it agrees, or why it cannot be used. */
  findings: v.string(),
});
export type EngineVerdict = v.InferOutput<typeof engineVerdict>;
