import { adam } from './adam.ts';
import type { Optimizer } from './optimizer.ts';

/** Every optimizer by the name that plans use. A new one is a file here and a line in this table. */
export const optimizers = { adam } as const satisfies Record<string, Optimizer>;

export type OptimizerName = keyof typeof optimizers;
