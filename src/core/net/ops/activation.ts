import { operation, scalar, type Tensor } from '../tensor.ts';
import { add, greater, multiply } from './arithmetic.ts';

/** max(x, 0). The slope is 1 where the output is positive, else 0 (PyTorch's choice at 0 too). */
export function relu(x: Tensor): Tensor {
  const y: Tensor = operation('Relu', [x], x.shape, {
    gradientRules: [(dy) => multiply(dy, greater(y, scalar(0)))],
  });
  return y;
}

/**
 * x where x > 0, else `slope` x. The sign of the output is the sign of the input, so the gradient reads the output, and the input
 * need not be kept: dx = dy (slope + (1 - slope) [y > 0]).
 */
export function leakyRelu(x: Tensor, slope: number): Tensor {
  const y: Tensor = operation('LeakyRelu', [x], x.shape, {
    attributes: { alpha: { float: slope } },
    gradientRules: [(dy) => multiply(dy, add(multiply(greater(y, scalar(0)), scalar(1 - slope)), scalar(slope)))],
  });
  return y;
}

/** 1 / (1 + e^-x). dy/dx = y (1 - y). */
export function sigmoid(x: Tensor): Tensor {
  const y: Tensor = operation('Sigmoid', [x], x.shape, {
    gradientRules: [(dy) => multiply(dy, multiply(y, add(scalar(1), negative(y))))],
  });
  return y;
}

function negative(x: Tensor): Tensor {
  return multiply(x, scalar(-1));
}
