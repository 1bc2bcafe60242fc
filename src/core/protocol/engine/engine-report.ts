import * as v from 'valibot';
import { engineId } from '../../engines/engine-id.ts';
import { engineVerdict } from '../../engines/engine-verdict.ts';

/** What a job runs on now. */
export const engineInUse = v.strictObject({
  id: engineId,
  name: v.string(),
  /** What the others are compared with, which nothing takes the place of. */
  isReference: v.boolean(),
});
export type EngineInUse = v.InferOutput<typeof engineInUse>;

export const engineReport = v.strictObject({
  /** Those that there can be on this platform, most likely fastest first. */
  engines: v.array(
    v.strictObject({
      id: engineId,
      name: v.string(),
      /** What it computes on, as far as the system says; null: it does not. */
      device: v.nullable(v.string()),
      verdict: engineVerdict,
    }),
  ),
  /** What the others are compared with. */
  reference: engineId,
  /** What `auto` takes. */
  chosen: v.strictObject({ predict: engineId, train: engineId }),
});
export type EngineReport = v.InferOutput<typeof engineReport>;
