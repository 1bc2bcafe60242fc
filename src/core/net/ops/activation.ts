import { composite, operation, scalar, type Tensor } from '../graph/tensor.ts';
import { add, atLeast, greater, multiply } from './arithmetic.ts';

/** max(x, 0). Its slope is 1 where the output is positive, else 0 (PyTorch's choice at 0 too). */
export function relu(x: Tensor): Tensor {
  const y: Tensor = operation('Relu', [x], x.shape, { gradientRules: [(dy) => multiply(dy, isPositive(y))] });
  return y;
}

/**
 * x where x > 0, else `slope` x. The sign of the output is the sign of the input, so the gradient reads the output, and
 * the input need not be kept: dx = dy max([y > 0], slope).
 */
export function leakyRelu(x: Tensor, slope: number): Tensor {
  const y: Tensor = operation('LeakyRelu', [x], x.shape, {
    attributes: { alpha: { float: slope } },
    gradientRules: [(dy) => multiply(dy, atLeast(isPositive(y), slope))],
  });
  return y;
}

/**
 * 1 where y > 0, else 0. On the CPU it is one operator, max(0, min(1, 1e38 y)), which ONNX Runtime computes in one pass
 * on all cores; comparing and converting takes two, one of them on one core. (Numbers below 1e-38, which are not normal
 * in float32, come out between 0 and 1.)
 */
function isPositive(y: Tensor): Tensor {
  return composite([y], y.shape, (target) =>
    target === 'portable'
      ? greater(y, scalar(0))
      : operation('HardSigmoid', [y], y.shape, { attributes: { alpha: { float: 1e38 }, beta: { float: 0 } } }),
  );
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
