import * as v from 'valibot';
import { engineId } from '../../engines/engine-id.ts';
import { engineVerdict } from '../../engines/engine-verdict.ts';

/** The engine that a job runs on now. */
export const engineInUse = v.strictObject({
  id: engineId,
  name: v.string(),
  /** It is true for the engine that the others are compared with, which no other can take the place of. */
  isReference: v.boolean(),
});
export type EngineInUse = v.InferOutput<typeof engineInUse>;

export const engineReport = v.strictObject({
  /** The engines that there can be on this platform, the one that is most likely fastest first. */
  engines: v.array(
    v.strictObject({
      id: engineId,
      name: v.string(),
      /** The device that it computes on, as far as the system says. It is null where the system does not say. */
      device: v.nullable(v.string()),
      verdict: engineVerdict,
    }),
  ),
  /** The others are compared with this engine. */
  reference: engineId,
  /** `auto` takes these. */
  chosen: v.strictObject({ predict: engineId, train: engineId }),
});
export type EngineReport = v.InferOutput<typeof engineReport>;
