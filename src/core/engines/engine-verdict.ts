import * as v from 'valibot';

const slicesPerSecond = v.nullable(v.pipe(v.number(), v.minValue(0)));

/** What one engine is worth on this machine; that is found out by trying it. */
export const engineVerdict = v.strictObject({
  starts: v.boolean(),
  /** It predicts what the CPU predicts. */
  predicts: v.boolean(),
  /** It trains as the CPU does. */
  trains: v.boolean(),
  /** It is measured on a small task of its own, and null where the engine is not usable. */
  predictSlicesPerSecond: slicesPerSecond,
  trainSlicesPerSecond: slicesPerSecond,
  /** In a few words: how exactly it agrees, or why it cannot be used. */
  findings: v.string(),
});
export type EngineVerdict = v.InferOutput<typeof engineVerdict>;
