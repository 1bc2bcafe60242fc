import { multiply, subtract } from '../ops/arithmetic.ts';
import { adam } from './adam.ts';
import { given, type Optimizer } from './optimizer.ts';

/**
 * AdamW (Loshchilov and Hutter 2019): Adam and, untouched by its moments, w = w - learningRate weightDecay w.
 * @param weightDecay 0 or more; biases and the scales of normalisations do not decay
 */
export function adamW(weightDecay: number): Optimizer {
  return {
    state: adam.state,
    scalars: [...adam.scalars, 'decay'],
    scalarsAt: (step, learningRate) => ({
      ...adam.scalarsAt(step, learningRate),
      decay: learningRate * weightDecay,
    }),
    update: (values) => {
      const decayed = subtract(values.weights, multiply(values.decaying, given(values.scalars, 'decay')));
      return adam.update({ ...values, weights: decayed });
    },
  };
}
