import * as v from 'valibot';
import { engines } from './registry.ts';

/** An engine is called so in settings, messages and files. */
export const engineId = v.picklist(engines.map(({ id }) => id));
export type EngineId = v.InferOutput<typeof engineId>;

/** A user can ask for one of these. `auto` is the fastest that agrees with the CPU. */
export const engineChoice = v.picklist(['auto', ...engineId.options]);
export type EngineChoice = v.InferOutput<typeof engineChoice>;
