import { scalar } from '../graph/tensor.ts';
import { add, divide, multiply, squareRoot, subtract } from '../ops/arithmetic.ts';
import { given, type Optimizer } from './optimizer.ts';

const beta1 = 0.9;
const beta2 = 0.999;
const epsilon = 1e-8;

/**
 * Adam (Kingma and Ba 2015) with bias correction and PyTorch's defaults:
 * m = b1 m + (1 - b1) g, v = b2 v + (1 - b2) g^2, w = w - rate / (1 - b1^t) m / (sqrt(v / (1 - b2^t)) + epsilon).
 */
export const adam: Optimizer = {
  state: ['mean', 'variance'],
  scalars: ['rate', 'varianceCorrection'],

  scalarsAt: (step, learningRate) => ({
    rate: learningRate / (1 - beta1 ** step),
    // 1 - b2^t loses four digits in float32 at the first step, so it is given.
    varianceCorrection: 1 / (1 - beta2 ** step),
  }),

  update: ({ weights, gradient, state, scalars }) => {
    const mean = add(multiply(given(state, 'mean'), scalar(beta1)), multiply(gradient, scalar(1 - beta1)));
    const squared = multiply(gradient, gradient);
    const variance = add(multiply(given(state, 'variance'), scalar(beta2)), multiply(squared, scalar(1 - beta2)));
    const deviation = squareRoot(multiply(variance, given(scalars, 'varianceCorrection')));
    const change = divide(multiply(mean, given(scalars, 'rate')), add(deviation, scalar(epsilon)));
    return { weights: subtract(weights, change), state: { mean, variance } };
  },
};
