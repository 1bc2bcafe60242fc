import type { Tensor } from '../graph/tensor.ts';

/**
 * Says how weights change, given their gradient. All tensors are vectors of the same length: every weight is treated
 * alike.
 */
export interface Optimizer {
  /** Names of the vectors kept from step to step; they start at zero. */
  readonly state: readonly string[];
  /** Names of the numbers that each step is given. */
  readonly scalars: readonly string[];
  /**
   * Returns the numbers of a step, computed outside the graph in double precision.
   * @param step counts from 1
   */
  scalarsAt(step: number, learningRate: number): Readonly<Record<string, number>>;
  update(values: UpdateInputs): { readonly weights: Tensor; readonly state: Readonly<Record<string, Tensor>> };
}

export interface UpdateInputs {
  readonly weights: Tensor;
  /**
   * `weights` with zeros in place of what weight decay spares: biases, and the scales of normalisations. Drawing those
   * towards zero makes no network simpler, it only moves its outputs.
   */
  readonly decaying: Tensor;
  readonly gradient: Tensor;
  readonly state: Readonly<Record<string, Tensor>>;
  readonly scalars: Readonly<Record<string, Tensor>>;
}

/** Returns what an optimizer was given under a name of its own. */
export function given(tensors: Readonly<Record<string, Tensor>>, name: string): Tensor {
  const tensor = tensors[name];
  if (tensor === undefined) throw new Error(`The optimizer was not given "${name}".`);
  return tensor;
}
