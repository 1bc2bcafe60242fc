import { scalar } from '../graph/tensor.ts';
import { add, multiply, subtract } from '../ops/arithmetic.ts';
import { given, type Optimizer } from './optimizer.ts';

/**
 * Stochastic gradient descent with Nesterov momentum, as PyTorch writes it (Sutskever et al. 2013):
 * v = momentum v + g, w = w - rate (g + momentum v).
 * @param momentum `[0, 1)`; nnU-Net has 0.99
 */
export function sgd(momentum: number): Optimizer {
  return {
    state: ['velocity'],
    scalars: ['rate'],
    scalarsAt: (_step, learningRate) => ({ rate: learningRate }),
    update: ({ weights, gradient, state, scalars }) => {
      const velocity = add(multiply(given(state, 'velocity'), scalar(momentum)), gradient);
      const ahead = add(gradient, multiply(velocity, scalar(momentum)));
      return { weights: subtract(weights, multiply(ahead, given(scalars, 'rate'))), state: { velocity } };
    },
  };
}
