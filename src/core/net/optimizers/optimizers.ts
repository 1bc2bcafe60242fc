import * as v from 'valibot';
import { adam } from './adam.ts';
import { adamW } from './adamw.ts';
import type { Optimizer } from './optimizer.ts';
import { sgd } from './sgd.ts';

/**
 * Each optimizer is described by these valibot entries. A new one is a file here, an entry and a line in
 * `makeOptimizer`.
 */
export const optimizerEntries = {
  adam: { kind: v.literal('adam') },
  adamw: { kind: v.literal('adamw'), weightDecay: v.pipe(v.number(), v.minValue(0)) },
  sgd: { kind: v.literal('sgd'), momentum: v.pipe(v.number(), v.minValue(0), v.ltValue(1)) },
} as const;

/** Reads an optimizer and leaves out what stands beside it and is not its business (a plan's learning rate). */
export const optimizerSchema = v.variant('kind', [
  v.object(optimizerEntries.adam),
  v.object(optimizerEntries.adamw),
  v.object(optimizerEntries.sgd),
]);

export type OptimizerDescription = v.InferOutput<typeof optimizerSchema>;

export function makeOptimizer(description: OptimizerDescription): Optimizer {
  switch (description.kind) {
    case 'adam':
      return adam;
    case 'adamw':
      return adamW(description.weightDecay);
    case 'sgd':
      return sgd(description.momentum);
  }
}
